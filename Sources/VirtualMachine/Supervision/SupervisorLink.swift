internal import Glibc
public import LinuxSystem
internal import Synchronization
public import SystemPackage

/// A client's connection to the supervisor that it started.
public final class SupervisorLink: Sendable {
    private let reports: OwnedDescriptor
    /// Its closing tells the supervisor that the client is gone.
    private let lifeline: OwnedDescriptor
    private let supervisor: RunningProgram
    private let isReaped = Mutex(false)
    private let received = Mutex(Received())

    /// What has come and was not asked for yet.
    private struct Received {
        var partial: [UInt8] = []
        var reports: [SupervisorReport] = []
    }

    /// Starts the supervisor of a machine whose directory holds plan and record. The locks go over to it.
    ///
    /// - Parameters:
    ///   - attached: whether the machine ends with this client.
    ///   - program: the bcvk program, which is the supervisor.
    public static func start(
        _ directory: MachineDirectory, lock: FileLock, lease: FileLock, attached: Bool, program executable: FilePath
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
            executable, SupervisorProgram.arguments(directory: directory, hasLifeline: attached))
        program.newSession = true
        var descriptors = [null.raw, null.raw, log.raw, theirs.raw, lock.inheritable, lease.inheritable]
        if attached { descriptors.append(lifeEnd.raw) }
        let child = try program.start(descriptors: descriptors)
        return SupervisorLink(reports: ours, lifeline: life, supervisor: child)
    }

    private init(
        reports: consuming OwnedDescriptor, lifeline: consuming OwnedDescriptor, supervisor: RunningProgram
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
        while true {
            let queued = received.withLock { $0.reports.isEmpty ? nil : $0.reports.removeFirst() }
            if let queued { return queued }
            let left = milliseconds.map { max(0, $0 - Poller.milliseconds(since: start)) }
            if try Poller.wait([reports.raw], milliseconds: left).isEmpty { return nil }
            try received.withLock { try receive(&$0) }
        }
    }

    /// Has the machine's state saved, where its plan says so.
    func save() {
        signal(SIGUSR1)
    }

    /// Asks the guest to shut down.
    public func shutDown() {
        signal(SIGTERM)
    }

    /// Ends the machine at once: the supervisor quits QEMU and removes what it has to.
    public func quit() {
        signal(SIGINT)
    }

    /// Waits for the supervisor's own end; false when it still runs after so long.
    public func waitForEnd(milliseconds: Int?) throws -> Bool {
        if isReaped.withLock({ $0 }) { return true }
        if try Poller.wait([supervisor.processDescriptor.raw], milliseconds: milliseconds).isEmpty { return false }
        // A process that starts many machines is not to keep the numbers of their supervisors.
        try isReaped.withLock { isReaped in
            if !isReaped { _ = try supervisor.wait() }
            isReaped = true
        }
        return true
    }

    private func signal(_ number: Int32) {
        isReaped.withLock { if !$0 { supervisor.signal(number) } }
    }

    private func receive(_ received: inout Received) throws {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(reports.raw, &buffer, buffer.count)
        if count < 0, errno == EINTR { return }
        guard count > 0 else {
            received.reports.append(.ended(reason: "its supervisor was killed", failed: true, code: nil))
            return
        }
        received.partial += buffer[..<count]
        while let end = received.partial.firstIndex(of: UInt8(ascii: "\n")) {
            received.reports.append(try SupervisorReport.parse(Array(received.partial[..<end])))
            received.partial.removeSubrange(...end)
        }
    }
}
