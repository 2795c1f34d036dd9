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

    private let directory: MachineDirectory
    private let plan: SupervisionPlan
    private var record: MachineRecord
    private let hasLifeline: Bool
    private let signals: SignalDescriptor
    private var shutdownReason: String?
    private var askedToEnd = false
    private var killAt: ContinuousClock.Instant?
    private var monitorIsOpen = true

    init(directory: MachineDirectory, plan: SupervisionPlan, record: MachineRecord, hasLifeline: Bool) throws {
        self.directory = directory
        self.plan = plan
        self.record = record
        self.hasLifeline = hasLifeline
        // Before anything else, so that a signal that comes early is not lost.
        signals = try SignalDescriptor([SIGTERM, SIGINT, SIGHUP])
        signal(SIGPIPE, SIG_IGN)
    }

    /// Runs the machine from its start to its end.
    func run() throws -> MachineEnd {
        record.supervisorProcess = getpid()
        let virtiofsd = plan.hasShares ? try startVirtiofsd() : nil
        defer { if let virtiofsd { Self.end(virtiofsd, grace: 1000) } }
        record.virtiofsdProcesses = virtiofsd.map { [$0.process] } ?? []
        let (qemu, monitor) = try startQEMU()
        defer { Self.end(qemu) }
        record.qemuProcess = qemu.process
        try directory.write(record)

        var sshQuery: Int64?
        while true {
            var watched = [signals.descriptor.raw, qemu.processDescriptor.raw]
            if let virtiofsd { watched.append(virtiofsd.processDescriptor.raw) }
            if monitorIsOpen { watched.append(monitor.descriptor) }
            if hasLifeline, killAt == nil { watched.append(Inherited.lifeline) }
            let ready = try Poller.wait(watched, milliseconds: millisecondsToKill())
            if ready.contains(monitor.descriptor) {
                for outcome in try read(monitor) {
                    switch outcome {
                    case .ready:
                        sshQuery = try monitor.send(
                            "human-monitor-command", arguments: .object(["command-line": .string("info usernet")]))
                    case .completed(let id, let table) where id == sshQuery:
                        try announce(table.stringValue ?? "")
                    case .event(let event): try note(event)
                    case .completed, .failed: break
                    }
                }
            }
            if ready.contains(qemu.processDescriptor.raw) {
                return end(try qemu.wait())
            }
            if let virtiofsd, ready.contains(virtiofsd.processDescriptor.raw) {
                // It also ends when QEMU has: then QEMU's own end is the one to tell of.
                if try Poller.wait([qemu.processDescriptor.raw], milliseconds: 500).isEmpty {
                    let complaint = ConsoleTail.lines(of: directory.virtiofsdLog, count: 1).first
                    let exit = try virtiofsd.wait()
                    return MachineEnd(
                        reason: "virtiofsd ended with \(exit)" + (complaint.map { ": \($0)" } ?? ""), failed: true)
                }
                return end(try qemu.wait())
            }
            if ready.contains(signals.descriptor.raw) {
                while let number = try signals.next() {
                    if number == SIGTERM { try askGuestToEnd(monitor) } else { try quit(monitor) }
                }
            }
            // Without a lifeline the number is another descriptor's.
            if hasLifeline, ready.contains(Inherited.lifeline) { try quit(monitor) }
            if let killAt, killAt <= .now { qemu.signal(SIGKILL) }
        }
    }

    // MARK: Starting

    private func startVirtiofsd() throws -> RunningProgram {
        let socket = try UnixSocket.listen(directory.rootSocket)
        let log = try OwnedDescriptor(opening: directory.virtiofsdLog, .writeOnly, options: [.create, .append])
        let null = try OwnedDescriptor(opening: "/dev/null", .readWrite)
        let map = try UserNamespaceMap.forCurrentUser()
        let program = try plan.virtiofsdProgram.serving(FilePath(plan.tree), socket: 3, map: map)
        return try program.start(descriptors: [null.raw, log.raw, log.raw, socket.raw])
    }

    private func startQEMU() throws -> (RunningProgram, QMPClient) {
        let (ours, theirs) = try DescriptorPair.sockets()
        let monitor = QMPClient(OwnedDescriptor(owning: ours))
        let connected = OwnedDescriptor(owning: theirs)
        let listening = try UnixSocket.listen(directory.qmpSocket, backlog: 4)
        let log = try OwnedDescriptor(opening: directory.qemuLog, .writeOnly, options: [.create, .append])
        let null = try OwnedDescriptor(opening: "/dev/null", .readWrite)
        var machine = plan.machine
        machine.controls = [
            ControlSocket(descriptor: 3, kind: .connected), ControlSocket(descriptor: 4, kind: .listening),
        ]
        record.qemuArguments = [plan.qemu] + machine.arguments
        var program = ChildProgram(FilePath(plan.qemu), machine.arguments)
        program.noNewPrivileges = true
        program.parentDeathSignal = SIGKILL
        program.newProcessGroup = true
        let running = try program.start(
            descriptors: [null.raw, log.raw, log.raw, connected.raw, listening.raw])
        return (running, monitor)
    }

    private func announce(_ table: String) throws {
        guard record.state == .starting else { return }
        if plan.machine.network != nil {
            guard let port = UserNetworkInfo.hostPort(in: table, guestPort: 22) else {
                throw MachineError.programUnusable(
                    plan.qemu, reason: "its user network has no forward to the guest's port 22", hint: nil)
            }
            record.sshPort = port
        }
        record.state = .running
        try directory.write(record)
        report(.running(sshPort: record.sshPort))
    }

    // MARK: Ending

    private func askGuestToEnd(_ monitor: QMPClient) throws {
        askedToEnd = true
        record.state = .stopping
        try directory.write(record)
        try monitor.send("system_powerdown")
    }

    private func quit(_ monitor: QMPClient) throws {
        askedToEnd = true
        guard killAt == nil else { return }
        killAt = .now + .seconds(3)
        try monitor.send("quit")
    }

    private func millisecondsToKill() -> Int? {
        guard let killAt else { return nil }
        let (seconds, attoseconds) = ContinuousClock.now.duration(to: killAt).components
        return max(0, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000) + 1)
    }

    private func note(_ event: QMPEvent) throws {
        switch event.name {
        case "SHUTDOWN": shutdownReason = event.data["reason"]?.stringValue
        case "STOP" where record.state == .running: record.state = .paused
        case "RESUME" where record.state == .paused: record.state = .running
        default: return
        }
        try directory.write(record)
    }

    private func end(_ exit: ExitStatus) -> MachineEnd {
        MachineEnd.of(
            shutdown: shutdownReason, asked: askedToEnd, exit: exit,
            complaint: ConsoleTail.lines(of: directory.qemuLog, count: 1).first,
            console: ConsoleTail.lines(of: directory.consoleLog, count: 60))
    }

    /// Writes down the end, and tells the client.
    func finish(_ end: MachineEnd) throws {
        record.state = end.failed ? .failed : .exited
        record.reason = end.reason
        record.qemuProcess = nil
        record.virtiofsdProcesses = []
        for socket in [directory.rootSocket, directory.qmpSocket] { try Files.removeTree(socket) }
        if record.removeAtExit && (!end.failed || askedToEnd) {
            try directory.remove()
        } else {
            try directory.write(record)
        }
        report(.ended(reason: end.reason, failed: end.failed))
    }

    private func report(_ report: SupervisorReport) {
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

    /// Gives it a moment to end by itself, since its other side is gone, and sees to it that it has.
    private static func end(_ program: RunningProgram, grace milliseconds: Int = 0) {
        let ended = try? Poller.wait([program.processDescriptor.raw], milliseconds: milliseconds)
        if ended?.isEmpty ?? true { program.signal(SIGKILL) }
        // Waiting for a child that was waited for already fails, and is what is wanted.
        _ = try? program.wait()
    }
}
