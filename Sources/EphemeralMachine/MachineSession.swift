internal import BootPlan
internal import ContainerImage
internal import ImageStore
internal import LinuxSystem
internal import VirtualMachine

/// A machine from its launch to its end.
struct MachineSession: Sendable {
    /// What the caller gets.
    let machine: RunningMachine
    private let launched: LaunchedMachine
    private let registry: MachineRegistry

    /// Brings the image, launches the machine and waits until it is as far as asked.
    init(_ image: String, _ options: MachineOptions, _ interruption: Interruption) throws {
        registry = MachineRegistry(directory: options.places.state)
        launched = try Self.launch(image, options, registry, interruption)
        do {
            let record = try registry.find(launched.record.name)
            machine = RunningMachine(record, launched.link, notice: options.notice)
            let readiness = try GuestWait(record, seconds: options.bootTimeout)
                .wait(for: options.readiness.goal, interruption: interruption)
            if !readiness.failedUnits.isEmpty {
                options.notice("\(record.name): failed units: \(readiness.failedUnits.joined(separator: ", "))")
            }
        } catch {
            do { try Self.end(launched, registry) } catch let second { options.notice("\(second)") }
            throw error
        }
    }

    /// Ends the machine, unless it has ended, and leaves nothing of it. Not even a cancelled task is kept from it.
    func end() async throws(MachineFailure) {
        try await Blocking.runWhole { try Self.end(launched, registry) }
    }

    private static func launch(
        _ image: String, _ options: MachineOptions, _ registry: MachineRegistry, _ interruption: Interruption
    ) throws -> LaunchedMachine {
        let program = try ProgramLookup.find(options.program)
        let request = try options.request()
        let reference = try ImageReference(image)
        let host = try MachineHost(request, cache: options.places.cache, program: program)
        if let reason = host.accelerator.reason {
            options.notice("running without KVM (\(reason)): instructions are translated, which is slow")
        }
        let store = ImageStore(directory: options.places.cache, worker: StoreWorker.arguments, program: program)
        let tell: (ImageStore.Progress) -> Void = { step in
            if case .note(let text) = step { options.notice(text) }
        }
        let hold = try store.hold(progress: tell)
        defer { withExtendedLifetime(hold) {} }
        let stored = try store.image(reference, freshness: .cached, progress: tell)
        try interruption.check()
        let start = try MachineLauncher(registry: registry, store: store, host: host)
            .launch(stored, request, attached: true)
        do {
            return try LaunchedMachine(start)
        } catch {
            _ = try start.link.waitForEnd(milliseconds: 10_000)
            try remove(start.record.name, registry)
            throw error
        }
    }

    private static func end(_ launched: LaunchedMachine, _ registry: MachineRegistry) throws {
        try launched.discard()
        if try launched.end().failed { try remove(launched.record.name, registry) }
    }

    /// A machine that has failed leaves its directory, so that a person can look into it. Here its failure has told everything.
    private static func remove(_ name: String, _ registry: MachineRegistry) throws {
        do {
            try MachineControl(registry).remove(name, force: false)
        } catch MachineError.noSuchMachine, MachineError.stillRunning {
            // It has removed itself; somebody may have taken its name since.
        }
    }
}
