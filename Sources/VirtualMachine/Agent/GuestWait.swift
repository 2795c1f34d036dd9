public import LinuxSystem
internal import Machine
internal import SystemPackage

/// Waiting for a machine on behalf of a user: until it is as far as asked, it has ended, or the time is over.
public struct GuestWait {
    /// A signal asks us to end the wait.
    public struct Interrupted: Error {
        /// Its number.
        public let signal: Int32

        /// Ends a wait when one of the signals comes.
        public static func by(_ signals: SignalDescriptor) -> Interruption {
            Interruption(signals) { Interrupted(signal: $0) }
        }
    }

    let record: MachineRecord
    let seconds: Int

    /// - Parameter seconds: how long to wait; nil for four minutes, or ten where instructions are translated.
    public init(_ record: MachineRecord, seconds: Int?) {
        self.record = record
        self.seconds = seconds ?? (record.accelerator == .kvm ? 240 : 600)
    }

    /// Waits until the goal is reached.
    /// - Returns: how far the guest is then.
    @discardableResult
    public func wait(for goal: ReadinessGoal, interruption: Interruption) throws -> GuestReadiness {
        let watch: ReadinessWatch
        do {
            watch = try ReadinessWatch(socket: FilePath(record.agentSocket))
        } catch {
            if goal == .stopped, hasEnded { return record.guest }
            throw try ended()
        }
        let start = ContinuousClock.now
        while true {
            if watch.isOver {
                if goal == .stopped { return watch.readiness }
                throw try ended()
            }
            if isReached(goal, watch.readiness) { return watch.readiness }
            // Who gets no further than the emergency shell will not get where somebody waits for it.
            if watch.readiness.emergency, goal != .stopped { throw givenUp() }
            let left = seconds * 1000 - Poller.milliseconds(since: start)
            if left <= 0 { throw timedOut(goal) }
            let ready = try Poller.wait([watch.descriptor, interruption.descriptor], milliseconds: left)
            if ready.contains(interruption.descriptor) { try interruption.check() }
            if ready.contains(watch.descriptor) { try watch.update() }
        }
    }

    private func isReached(_ goal: ReadinessGoal, _ readiness: GuestReadiness) -> Bool {
        switch goal {
        case .agent: readiness.agent
        case .ssh: readiness.ssh
        case .boot: readiness.boot
        case .stopped: false
        }
    }

    /// The error for a goal that was not reached in time.
    func timedOut(_ goal: ReadinessGoal) -> MachineError {
        let what =
            switch goal {
            case .agent: "answer from the guest's agent"
            case .ssh: "ssh server"
            case .boot: "end of the boot"
            case .stopped: "end"
            }
        return .notReady(
            name: record.name, what: what, seconds: seconds, log: record.consoleLog,
            lastLines: ConsoleTail.lines(of: FilePath(record.consoleLog)))
    }

    /// The error for a guest that has got no further than systemd's emergency shell.
    func givenUp() -> MachineError { ended(reason: "the guest has given up its boot (emergency mode)") }

    /// The error for a machine whose end somebody else has told of.
    public func ended(reason: String) -> MachineError {
        .ended(
            name: record.name, reason: reason, log: record.consoleLog,
            lastLines: ConsoleTail.lines(of: FilePath(record.consoleLog)))
    }

    private var hasEnded: Bool {
        guard let now = try? current() else { return true }
        return now.state.isEnd
    }

    private func current() throws -> MachineRecord {
        try MachineRegistry(directory: FilePath(record.directory).removingLastComponent()).find(record.name)
    }

    /// The error for a machine that has ended while it was still needed. Its supervisor may just be writing down why.
    /// - Parameter text: the reason where the machine turns out to be alive.
    public func ended(otherwise text: String? = nil) throws -> MachineError {
        var reason = "it was removed"
        do {
            var now = try current()
            if !now.state.isEnd {
                let control = MachineControl(
                    MachineRegistry(directory: FilePath(record.directory).removingLastComponent()))
                if let supervisor = try control.supervisor(of: now) {
                    _ = try supervisor.waitForEnd(milliseconds: 5000)
                }
                now = try current()
            }
            reason = now.reason ?? text ?? "it is \(now.state.rawValue)"
        } catch MachineError.noSuchMachine {}
        return ended(reason: reason)
    }
}
