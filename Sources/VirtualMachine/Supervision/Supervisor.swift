internal import Glibc
internal import LinuxSystem
internal import Machine
internal import QMP
internal import SystemPackage

/// The process that owns a machine: it starts virtiofsd and QEMU, and when one of the three ends, so do the others.
///
/// One thread, one place to wait. It must stay one thread: the children are told to end with the thread that started them.
final class Supervisor {
    /// The descriptors that a supervisor inherits, in this order.
    enum Inherited {
        static let report: Int32 = 3
        static let lock: Int32 = 4
        static let lease: Int32 = 5
        /// Closed by the other side when the client is gone; only for machines that live no longer than their client.
        static let lifeline: Int32 = 6
    }

    let directory: MachineDirectory
    let plan: SupervisionPlan
    var record: MachineRecord
    /// The file of a state to save or load, by the name that QEMU has for it.
    var stateFile = ""
    /// The guest's memory, where it is saved or comes from a template.
    var memory: GuestMemory?
    /// What fills it.
    var filling: MemoryFilling?
    /// The disks that are opened when a state was loaded, by the descriptors that QEMU has of them.
    var pluggedBackends: [String] = []
    /// QEMU's table of forwarded ports, where it was asked before the guest went on.
    var forwards: String?
    private let hasLifeline: Bool
    private let signals: SignalDescriptor
    private var shutdownReason: String?
    private var askedToEnd = false
    private var killAt: ContinuousClock.Instant?
    private var monitorIsOpen = true
    private(set) var memoryKills: MemoryKills
    private var relay: AgentRelay?
    /// Whether what has ended was killed for want of memory.
    private(set) var wasKilledForMemory = false

    init(directory: MachineDirectory, plan: SupervisionPlan, record: MachineRecord, hasLifeline: Bool) throws {
        self.directory = directory
        self.plan = plan
        self.record = record
        self.hasLifeline = hasLifeline
        // Before anything else, so that a signal that comes early is not lost.
        signals = try SignalDescriptor([SIGTERM, SIGINT, SIGHUP, SIGUSR1])
        signal(SIGPIPE, SIG_IGN)
        memoryKills = MemoryKills(of: MemoryControlGroup.current())
    }

    /// Runs the machine from its start to its end.
    func run() throws -> MachineEnd {
        record.supervisorProcess = getpid()
        let (servers, qemu, monitor, relay) = try start()
        self.relay = relay
        defer {
            qemu.ensureEnd()
            servers.end()
        }
        try directory.write(record)
        return try watching(servers, qemu) { try attend(servers, qemu, monitor, relay) }
    }

    /// Does what there is to do, until the end.
    private func attend(
        _ servers: ShareServers, _ qemu: RunningProgram, _ monitor: QMPClient, _ relay: AgentRelay
    ) throws -> MachineEnd {
        let logs = try LogLimit(logFiles)
        var forwardsQuery: Int64?
        if let forwards {
            // What the guest has told on going on: nothing may wake the loop below for long.
            try noteReadiness(relay)
            try announce(forwards)
        } else {
            forwardsQuery = try monitor.send("human-monitor-command", arguments: UserNetworkInfo.command)
        }
        while true {
            var watched = [signals.descriptor.raw, qemu.processDescriptor.raw, logs.descriptor] + servers.descriptors
            if monitorIsOpen { watched.append(monitor.descriptor) }
            if hasLifeline, killAt == nil { watched.append(Inherited.lifeline) }
            let ready = try Poller.wait(
                watched.map { Poller.Interest($0) } + relay.interests,
                milliseconds: milliseconds(to: killAt, logs.deadline))
            try logs.process(ready)
            try relay.process(ready)
            try noteReadiness(relay)
            if ready.contains(monitor.descriptor) {
                for outcome in try read(monitor) {
                    switch outcome {
                    case .completed(forwardsQuery, let table): try announce(table.stringValue ?? "")
                    case .event(let event): try note(event, relay)
                    case .ready, .completed, .failed: break
                    }
                }
            }
            if ready.contains(qemu.processDescriptor.raw) {
                let exit = try qemu.wait()
                // QEMU does not go on without them.
                if exit == .exited(1), memoryKills.areRecent(), servers.haveFailed() { noteKill() }
                return try end(exit, relay)
            }
            if let failure = try servers.failure(among: ready) {
                if failure.exit != .exited(0) { noteKill() }
                // They also end when QEMU has: then QEMU's own end is the one to tell of.
                if try Poller.wait([qemu.processDescriptor.raw], milliseconds: 500).isEmpty {
                    try hearOut(relay)
                    return MachineEnd(reason: failure.reason, failed: true)
                }
                return try end(try qemu.wait(), relay)
            }
            if ready.contains(signals.descriptor.raw) {
                while let number = try signals.next() {
                    switch number {
                    case SIGTERM: try askGuestToEnd(monitor, relay)
                    case SIGUSR1: try save(StateTransfer(qemu: qemu, monitor: monitor, relay: relay))
                    default: try quit(monitor)
                    }
                }
            }
            // Without a lifeline the number is another descriptor's.
            if hasLifeline, ready.contains(Inherited.lifeline) { try quit(monitor) }
            if let killAt, killAt <= .now { qemu.signal(SIGKILL) }
            memoryKills.look()
        }
    }

    // MARK: News

    /// What the guest has told since the last look goes into the record.
    private func noteReadiness(_ relay: AgentRelay) throws {
        guard relay.hasNews else { return }
        relay.hasNews = false
        // A process 1 that is only just starting does not hear of a power button.
        if record.state == .stopping, relay.readiness.boot, !record.guest.boot { _ = relay.askForPowerOff() }
        record.guest = relay.readiness
        try directory.write(record)
    }

    private func announce(_ table: String) throws {
        guard record.state == .starting else { return }
        if let network = plan.machine.network {
            guard let forwards = UserNetworkInfo.resolve(network.forwards, in: table), let ssh = forwards.first else {
                throw MachineError.programUnusable(
                    plan.qemu, reason: "its user network lacks a forward that it was told to make", hint: nil)
            }
            record.sshPort = ssh.hostPort
            record.ports = forwards.dropFirst().map(PublishedPort.init)
        }
        record.state = .running
        try directory.write(record)
        report(.running(sshPort: record.sshPort))
    }

    // MARK: Ending

    /// Saves the machine's state, and ends it: what was saved goes on elsewhere.
    private func save(_ transfer: StateTransfer) throws {
        guard case .save(let files)? = plan.state else { return }
        let version = try transfer.save(to: stateFile)
        try memory?.save(to: files.memory)
        memory = nil
        report(.saved(qemuVersion: version))
        try quit(transfer.monitor)
    }

    /// Presses the power button. Where the agent answers it also tells process 1 itself, since nobody may listen to the button.
    private func askGuestToEnd(_ monitor: QMPClient, _ relay: AgentRelay) throws {
        askedToEnd = true
        record.state = .stopping
        try directory.write(record)
        if !relay.askForPowerOff() { try monitor.send("system_powerdown") }
    }

    private func quit(_ monitor: QMPClient) throws {
        askedToEnd = true
        guard killAt == nil else { return }
        killAt = .now + .seconds(3)
        try monitor.send("quit")
    }

    /// Everything that a guest can make longer.
    private var logFiles: [FilePath] {
        let streams = plan.machine.ports.compactMap { port -> FilePath? in
            if case .file(let path) = port.backend { FilePath(path) } else { nil }
        }
        return [FilePath(record.consoleLog), directory.qemuLog, directory.virtiofsdLog] + streams
    }

    private func milliseconds(to instants: ContinuousClock.Instant?...) -> Int? {
        guard let first = instants.compactMap({ $0 }).min() else { return nil }
        let (seconds, attoseconds) = ContinuousClock.now.duration(to: first).components
        return max(0, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000) + 1)
    }

    private func note(_ event: QMPEvent, _ relay: AgentRelay) throws {
        switch event.name {
        case "VSERPORT_CHANGE" where event.data["id"]?.stringValue == Self.agentPort.identifier:
            if event.data["open"] == .bool(false) { relay.guestClosedPort() }
            return try noteReadiness(relay)
        case "SHUTDOWN": shutdownReason = event.data["reason"]?.stringValue
        case "STOP" where record.state == .running: record.state = .paused
        case "RESUME" where record.state == .paused: record.state = .running
        default: return
        }
        try directory.write(record)
    }

    private func end(_ exit: ExitStatus, _ relay: AgentRelay) throws -> MachineEnd {
        if exit == .signalled(SIGKILL) { noteKill() }
        try hearOut(relay)
        var end = MachineEnd.of(
            shutdown: shutdownReason, asked: askedToEnd, exit: exit,
            complaint: ConsoleTail.lines(of: directory.qemuLog, count: 1).first,
            console: ConsoleTail.lines(of: FilePath(record.consoleLog), count: 60), service: record.guest.serviceExit)
        if plan.mustNotEnd, !askedToEnd { end.failed = true }
        return end
    }

    /// What the guest has said last goes where it belongs.
    private func hearOut(_ relay: AgentRelay) throws {
        relay.hearOut()
        try noteReadiness(relay)
    }

    /// Waits a minute for clients that read slowly, unless somebody asks for the end at once.
    private func deliver() throws {
        guard killAt == nil else { return }
        let interruptions = [signals.descriptor.raw] + (hasLifeline ? [Inherited.lifeline] : [])
        try relay?.deliver(milliseconds: 60_000, orUntil: interruptions)
    }

    /// Does something, and notes it when a program that it needs is killed for want of memory meanwhile.
    func watching<Result>(
        _ servers: ShareServers, _ qemu: RunningProgram, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch {
            // Only then is an end to be waited for.
            if memoryKills.areRecent(),
                filling?.wasKilled == true || qemu.end(within: 500) == .signalled(SIGKILL) || servers.haveFailed()
            {
                noteKill()
            }
            throw error
        }
    }

    /// Who kills says nothing to the killed, but the kernel counts.
    private func noteKill() {
        if memoryKills.areRecent() { wasKilledForMemory = true }
    }

    /// Writes down the end, tells the client, and hands on what the guest has said.
    func finish(_ end: MachineEnd) throws {
        let end = wasKilledForMemory ? end.forWantOfMemory(limit: memoryKills.group?.limit) : end
        record.state = end.failed ? .failed : .exited
        record.reason = end.reason
        record.qemuProcess = nil
        record.virtiofsdProcesses = []
        try removeSockets()
        if record.removeAtExit && (!end.failed || askedToEnd) {
            try directory.remove()
        } else {
            try directory.write(record)
        }
        report(.ended(reason: end.reason, failed: end.failed, code: record.guest.serviceExit))
        try deliver()
    }

    func removeSockets() throws(SystemError) {
        let own = [directory.qmpSocket, directory.agentSocket, directory.consoleSocket]
        for socket in plan.shares.map({ FilePath($0.socket) }) + own { try Files.removeTree(socket) }
    }

    func report(_ report: SupervisorReport) {
        // The client of a detached machine has gone long since: that its pipe is closed is no error.
        guard let line = try? report.line() else { return }
        _ = line.withUnsafeBytes { write(Inherited.report, $0.baseAddress, $0.count) }
    }

    /// What QEMU said; once it has closed the monitor its end will say the rest.
    private func read(_ monitor: QMPClient) throws -> [QMPSession.Outcome] {
        do {
            return try monitor.process()
        } catch QMPError.closed {
            monitorIsOpen = false
        } catch let failure as SystemError where failure.errno == .connectionReset {
            monitorIsOpen = false
        }
        return []
    }
}
