import ArgumentParser
import ContainerImage
import Glibc
import ImageStore
import LinuxSystem
import VirtualMachine

/// What every command that starts a machine does first.
struct MachineStart {
    private let launched: LaunchedMachine
    /// Signals that ask us to end; watched from the moment on at which there is something to be left behind.
    let signals: SignalDescriptor

    /// Finds the image, prepares the machine and waits until QEMU executes it.
    init(
        _ imageName: String, _ options: ImageOptions, _ request: MachineRequest, attached: Bool,
        bootTimeout: Int?, timing: Timing
    ) throws {
        let host = try MachineHost(request, cache: Places.standard().cache)
        if let reason = host.accelerator.reason {
            Message.say("bcvk: running without KVM (\(reason)): instructions are translated, which is slow")
        }
        let registry = MachineRegistry(directory: Places.standard().state)
        if let name = request.name { try registry.requireFree(name) }
        let access = StoreAccess()
        let hold = try access.store.hold(progress: access.show)
        defer { withExtendedLifetime(hold) {} }
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
        let launcher = MachineLauncher(registry: registry, store: access.store, host: host)
        let warm = WarmStart(
            launcher: launcher, signals: signals, progress: access.show, bootTimeout: bootTimeout)
        let template = try warm.template(for: image, request, kernelImage: kernelImage)
        let start = try launcher.launch(
            image, request, kernelImage: kernelImage, attached: attached, template: template)
        timing.mark("prepared")
        let name = start.record.name
        launched = try LaunchedMachine(start) { Message.say("bcvk: \(name): \($0)") }
        timing.mark("running")
    }

    /// Prepares a machine of another kind and waits until QEMU executes it.
    init(attached: Bool, launch: (_ attached: Bool) throws -> (MachineRecord, SupervisorLink)) throws {
        signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP])
        launched = try LaunchedMachine(launch(attached))
    }

    /// Its record as it was at the start.
    var record: MachineRecord { launched.record }
    /// The connection to its supervisor.
    var link: SupervisorLink { launched.link }
    /// The port of 127.0.0.1 that leads to the guest's sshd.
    var sshPort: UInt16 { launched.sshPort }
    /// The same signals, for waits that they end.
    var interruption: Interruption { GuestWait.Interrupted.by(signals) }

    /// How the machine ended, as its supervisor says it; waits for that.
    func end() throws -> (reason: String, failed: Bool) { try launched.end() }

    /// Asks the guest to shut down and waits for that; one that does not in a while is ended.
    func shutDown() throws { try launched.shutDown() }

    /// Ends the machine at once and waits until nothing is left of it.
    func discard() throws { try launched.discard() }
}
