internal import Glibc
public import LinuxSystem
internal import SystemPackage

/// A client's connection to the supervisor that it started.
public final class SupervisorLink {
    private let reports: OwnedDescriptor
    /// Its closing tells the supervisor that the client is gone.
    private let lifeline: OwnedDescriptor
    private let supervisor: ProcessHandle
    private var partial: [UInt8] = []
    private var queued: [SupervisorReport] = []

    /// Starts the supervisor of a machine whose directory holds plan and record. The locks go over to it.
    ///
    /// - Parameter attached: whether the machine ends with this client.
    public static func start(
        _ directory: MachineDirectory, lock: FileLock, lease: FileLock, attached: Bool
    ) throws -> SupervisorLink {
        let (reportRead, reportWrite) = try DescriptorPair.pipe()
        let ours = OwnedDescriptor(owning: reportRead)
        let theirs = OwnedDescriptor(owning: reportWrite)
        let log = try OwnedDescriptor(opening: directory.supervisorLog, .writeOnly, options: [.create, .append])
        let null = try OwnedDescriptor(opening: "/dev/null", .readWrite)
        let (lifeRead, lifeWrite) = try DescriptorPair.pipe()
        let lifeEnd = OwnedDescriptor(owning: lifeRead)
        let life = OwnedDescriptor(owning: lifeWrite)
        var program = ChildProgram(
            try ProgramSearch.ownExecutable(),
            SupervisorProgram.arguments(directory: directory, hasLifeline: attached))
        program.newSession = true
        var descriptors = [null.raw, null.raw, log.raw, theirs.raw, lock.inheritable, lease.inheritable]
        if attached { descriptors.append(lifeEnd.raw) }
        let child = try program.start(descriptors: descriptors)
        guard let handle = try ProcessHandle(process: child.process) else {
            throw SystemError("open", "supervisor", errno: ESRCH)
        }
        return SupervisorLink(reports: ours, lifeline: life, supervisor: handle)
    }

    private init(
        reports: consuming OwnedDescriptor, lifeline: consuming OwnedDescriptor, supervisor: ProcessHandle
    ) {
        self.reports = reports
        self.lifeline = lifeline
        self.supervisor = supervisor
    }

    /// Readable when there is a report, or the supervisor is gone.
    public var descriptor: Int32 { reports.raw }

    /// The next report; nil when there is none within the time. A supervisor that is gone without a word has failed.
    /// - Parameter milliseconds: how long to wait; nil waits for ever.
    public func next(milliseconds: Int?) throws -> SupervisorReport? {
        let start = ContinuousClock.now
        while queued.isEmpty {
            let left = milliseconds.map { max(0, $0 - Poller.milliseconds(since: start)) }
            if try Poller.wait([reports.raw], milliseconds: left).isEmpty { return nil }
            try receive()
        }
        return queued.removeFirst()
    }

    /// Has the machine's state saved, where its plan says so.
    func save() throws {
        _ = try supervisor.signal(SIGUSR1)
    }

    /// Asks the guest to shut down.
    public func shutDown() throws {
        _ = try supervisor.signal(SIGTERM)
    }

    /// Ends the machine at once: the supervisor quits QEMU and removes what it has to.
    public func quit() throws {
        _ = try supervisor.signal(SIGINT)
    }

    /// Waits for the supervisor's own end.
    public func waitForEnd(milliseconds: Int?) throws -> Bool {
        try supervisor.waitForEnd(milliseconds: milliseconds)
    }

    private func receive() throws {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(reports.raw, &buffer, buffer.count)
        if count < 0, errno == EINTR { return }
        guard count > 0 else {
            queued.append(.ended(reason: "its supervisor was killed", failed: true, code: nil))
            return
        }
        partial += buffer[..<count]
        while let end = partial.firstIndex(of: UInt8(ascii: "\n")) {
            queued.append(try SupervisorReport.parse(Array(partial[..<end])))
            partial.removeSubrange(...end)
        }
    }
}
