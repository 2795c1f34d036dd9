internal import Glibc
internal import GuestProtocol
internal import LinuxSystem
internal import Machine
internal import QMP
internal import SystemPackage

/// Moves a machine's state, all but its memory, between QEMU and a file (QEMU, "Migration": `file:` and `x-ignore-shared`).
struct StateTransfer {
    let qemu: RunningProgram
    let monitor: QMPClient
    let relay: AgentRelay

    /// How long the agent may take for its part.
    private static let agentSeconds = 60
    /// How long QEMU may be silent while it writes or reads.
    private static let migrationSeconds = 120

    /// Saves the state after `prepare`; the machine and with it its memory stand still afterwards. Returns QEMU's version.
    func save(to file: String) throws -> String {
        try ask(.suspend)
        _ = try monitor.execute("stop")
        try transfer("migrate", file)
        return try version()
    }

    /// Loads a state into a QEMU that has the memory and awaits the rest, lets it run and gives it what is its own.
    /// - Parameters:
    ///   - backends: the disks that are opened before it runs, as `-drive` takes them.
    ///   - devices: what is plugged in before it runs.
    /// - Returns: QEMU's table of forwarded ports, which it is quick to tell while no guest keeps it busy.
    func load(
        from file: String, savedBy savedVersion: String, opening backends: [String],
        plugging devices: [[DeviceProperty]],
        configuration: [UInt8]
    ) throws -> String {
        let version: String
        do {
            version = try self.version()
        } catch let late as SystemError where late.errno == .timedOut {
            // A host that is too busy to start QEMU says nothing of the template.
            throw TemplateError.refused("QEMU does not answer")
        }
        guard version == savedVersion else {
            throw TemplateError.unusable("QEMU is \(version), the state is of \(savedVersion)")
        }
        try prepare()
        try transfer("migrate-incoming", file)
        for backend in backends {
            // The only command that takes the form of the command line; it answers with words.
            let command = JSONValue.object(["command-line": .string("drive_add 0 \(backend)")])
            let answer = try monitor.execute("human-monitor-command", arguments: command).stringValue ?? ""
            guard answer.hasPrefix("OK") else {
                let words = answer.split(separator: "\r\n").joined(separator: " ")
                throw TemplateError.refused("QEMU does not open a disk: \(words)")
            }
        }
        for device in devices {
            let properties = device.map { property -> (String, JSONValue) in
                switch property.value {
                case .text(let text): (property.name, .string(text))
                case .number(let number): (property.name, .integer(Int64(number)))
                }
            }
            _ = try monitor.execute(
                "device_add", arguments: .object(Dictionary(uniqueKeysWithValues: properties)))
        }
        let forwards = try monitor.execute(
            "human-monitor-command", arguments: UserNetworkInfo.command)
        _ = try monitor.execute("cont")
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let seed = (0..<64).map { _ in UInt8.random(in: .min ... .max) }
        try ask(
            .resume(
                ResumeRequest(
                    seconds: UInt64(max(0, now.tv_sec)), nanoseconds: UInt32(now.tv_nsec), seed: seed,
                    configuration: configuration)))
        return forwards.stringValue ?? ""
    }

    /// QEMU's version, with its distributor's.
    private func version() throws -> String { try QEMUAbilities.version(monitor) }

    /// Sees to it that QEMU can do it.
    func prepare() throws {
        try QEMUAbilities.chooseStates(monitor)
        // A file on this host is no network that others need too.
        _ = try monitor.execute(
            "migrate-set-parameters", arguments: .object(["max-bandwidth": .integer(1 << 40)]))
    }

    private func transfer(_ command: String, _ file: String) throws {
        let address: JSONValue = .object([
            "transport": .string("file"), "filename": .string(file), "offset": .integer(0),
        ])
        let channel: JSONValue = .object(["channel-type": .string("main"), "addr": address])
        let id = try monitor.send(command, arguments: .object(["channels": .array([channel])]))
        while true {
            let ready = try Poller.wait([monitor.descriptor], milliseconds: Self.migrationSeconds * 1000)
            guard !ready.isEmpty else { throw TemplateError.unusable("QEMU said nothing for too long") }
            for outcome in try monitor.process() {
                switch outcome {
                case .failed(id, let failure): throw failure
                case .event(let event) where event.name == "MIGRATION":
                    switch event.data["status"]?.stringValue {
                    case "completed": return
                    case "failed": throw TemplateError.unusable(try reason())
                    default: continue
                    }
                default: continue
                }
            }
        }
    }

    private func reason() throws -> String {
        try monitor.execute("query-migrate")["error-desc"]?.stringValue ?? "QEMU does not say why"
    }

    private func ask(_ request: GuestRequest) throws {
        relay.ask(request)
        let end = ContinuousClock.now + .seconds(Self.agentSeconds)
        while ContinuousClock.now < end {
            let ready = try Poller.wait(
                relay.interests + [Poller.Interest(qemu.processDescriptor.raw)], milliseconds: 1000)
            try relay.process(ready)
            switch relay.ownAnswer {
            case .done: return
            case .refused(let text): throw TemplateError.refused(text)
            case .gone: throw TemplateError.unusable("the agent in the guest is gone")
            case nil: break
            }
            if ready.contains(qemu.processDescriptor.raw) { throw TemplateError.unusable("QEMU has ended") }
        }
        throw TemplateError.unusable("the agent in the guest does not answer")
    }
}
