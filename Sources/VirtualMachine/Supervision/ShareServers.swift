internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// The virtiofsd processes of a machine, one for every directory that it is given.
///
/// Its users stay on one thread: the children are told to end with the thread that started them.
final class ShareServers {
    private var servers: [(share: ServedShare, program: RunningProgram)] = []
    private let log: FilePath

    /// Starts a server for every share. Those of a start that fails end with this process.
    init(_ plan: SupervisionPlan, log: FilePath) throws {
        self.log = log
        let messages = try OwnedDescriptor(opening: log, .writeOnly, options: [.create, .append])
        let null = try OwnedDescriptor(opening: "/dev/null", .readWrite)
        let map = try UserNamespaceMap.forCurrentUser()
        for share in plan.shares {
            let socket = try UnixSocket.listen(FilePath(share.socket))
            let program = try plan.virtiofsdProgram.serving(share, socket: 3, map: map)
            let running = try program.start(descriptors: [null.raw, messages.raw, messages.raw, socket.raw])
            servers.append((share, running))
        }
    }

    /// Their process ids.
    var processes: [Int32] { servers.map(\.program.process) }

    /// Each is readable once its server has ended.
    var descriptors: [Int32] { servers.map { $0.program.processDescriptor.raw } }

    /// How the first one that has ended did so, and why; nil while all run.
    func failure(among ready: Poller.Readiness) throws -> (exit: ExitStatus, reason: String)? {
        guard let server = servers.first(where: { ready.contains($0.program.processDescriptor.raw) }) else {
            return nil
        }
        let subject = server.share.access == .tree ? "" : " for \(server.share.directory)"
        let complaint = ConsoleTail.lines(of: log, count: 1).first.map { ": \($0)" } ?? ""
        let exit = try server.program.wait()
        return (exit, "virtiofsd\(subject) ended with \(exit)\(complaint)")
    }

    /// Whether one of them has ended other than by itself, now or in a moment. What has ended is not told again.
    func haveFailed() -> Bool {
        // The first process ends with a code when the one that serves is killed.
        servers.contains { ($0.program.end(within: 100) ?? .exited(0)) != .exited(0) }
    }

    /// Gives them a moment to end by themselves, since QEMU is gone, and sees to it that they have.
    func end() {
        let start = ContinuousClock.now
        for server in servers {
            server.program.ensureEnd(after: max(0, 1000 - Poller.milliseconds(since: start)))
        }
    }
}

extension RunningProgram {
    /// Waits at most so long for its end, and says how that was; nil while it runs.
    func end(within milliseconds: Int) -> ExitStatus? {
        guard let ended = try? Poller.wait([processDescriptor.raw], milliseconds: milliseconds), !ended.isEmpty else {
            return nil
        }
        return try? wait()
    }

    /// Waits at most so long for an end that is due, and kills what still runs then.
    func ensureEnd(after milliseconds: Int = 0) {
        let ended = try? Poller.wait([processDescriptor.raw], milliseconds: milliseconds)
        if ended?.isEmpty ?? true { signal(SIGKILL) }
        // Waiting for a child that was waited for already fails, and is what is wanted.
        _ = try? wait()
    }
}
