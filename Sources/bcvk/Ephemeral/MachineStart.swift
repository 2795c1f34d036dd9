import ArgumentParser
import ContainerImage
import Glibc
import ImageStore
import LinuxSystem
import VirtualMachine

/// What every command that starts a machine does first.
struct MachineStart {
    let record: MachineRecord
    let link: SupervisorLink
    /// Signals that ask us to end; watched from the moment on at which there is something to be left behind.
    let signals: SignalDescriptor
    /// The port of 127.0.0.1 that leads to the guest's sshd.
    let sshPort: UInt16

    /// Finds the image, prepares the machine and waits until QEMU executes it.
    init(
        _ imageName: String, _ options: ImageOptions, _ request: MachineRequest, attached: Bool, timing: Timing
    ) throws {
        let host = try MachineHost(request)
        if let reason = host.accelerator.reason {
            Message.say("bcvk: running without KVM (\(reason)): instructions are translated, which is slow")
        }
        let access = StoreAccess()
        let image = try access.image(imageName, options.pull, source: options.source.registry)
        let kernelImage = try options.kernelFrom.map {
            try access.image($0, options.pull, source: options.source.registry)
        }
        timing.mark("image")
        if kernelImage == nil, image.saysWhatItIs, image.configuration.labels["containers.bootc"] != "1" {
            Message.warn("\(imageName) has no label containers.bootc=1: it may not be made to boot")
        }
        // Up to here a signal ends us as usual: the next run clears what an interrupted unpacking has left.
        signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP, SIGALRM])
        let registry = MachineRegistry(directory: Places.standard().state)
        let launcher = MachineLauncher(registry: registry, store: access.store, host: host)
        let template = try WarmStart(launcher: launcher, signals: signals, progress: access.show)
            .template(for: image, request, kernelImage: kernelImage)
        (record, link) = try launcher.launch(
            image, request, kernelImage: kernelImage, attached: attached, template: template)
        timing.mark("prepared")
        sshPort = try Self.awaitStart(record, link)
        timing.mark("running")
    }

    /// Prepares a machine of another kind and waits until QEMU executes it.
    init(attached: Bool, launch: (_ attached: Bool) throws -> (MachineRecord, SupervisorLink)) throws {
        signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP])
        (record, link) = try launch(attached)
        sshPort = try Self.awaitStart(record, link)
    }

    /// - Returns: the port of 127.0.0.1 that leads to the guest's sshd.
    private static func awaitStart(_ record: MachineRecord, _ link: SupervisorLink) throws -> UInt16 {
        // QEMU answers within a second; a host that is out of memory may take its time.
        while let report = try link.next(milliseconds: 60_000) {
            switch report {
            case .running(let port): return port
            case .note(let text): Message.say("bcvk: \(record.name): \(text)")
            case .saved: continue
            case .ended(let reason, _, _):
                throw MachineError.ended(name: record.name, reason: reason, log: record.qemuLog, lastLines: [])
            }
        }
        try link.quit()
        throw MachineError.notReady(
            name: record.name, what: "answer from QEMU", seconds: 60, log: record.qemuLog, lastLines: [])
    }

    /// How the machine ended, as its supervisor says it; waits for that.
    func end() throws -> (reason: String, failed: Bool) {
        while true {
            if case .ended(let reason, let failed, _)? = try link.next(milliseconds: nil) { return (reason, failed) }
        }
    }

    /// Asks the guest to shut down and waits for that; one that does not in a while is ended.
    func shutDown() throws {
        try link.shutDown()
        if try !link.waitForEnd(milliseconds: 90_000) { try discard() }
    }

    /// Ends the machine at once and waits until nothing is left of it.
    func discard() throws {
        try link.quit()
        if try !link.waitForEnd(milliseconds: 10_000) {
            throw MachineError.notReady(
                name: record.name, what: "end", seconds: 10, log: record.consoleLog, lastLines: [])
        }
    }
}
