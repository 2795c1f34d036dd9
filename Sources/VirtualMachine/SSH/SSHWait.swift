public import LinuxSystem
internal import Machine
internal import SystemPackage

/// Waiting for a machine's ssh server on behalf of a user, with the report that is due when it does not come.
public struct SSHWait: Sendable {
    /// How the wait ended, where it did not fail.
    public enum End: Sendable, Hashable {
        /// The server answers.
        case ready
        /// The machine has something to say, probably its end.
        case machine
        /// A signal asks us to end.
        case signal(Int32)
    }

    private let record: MachineRecord
    private let seconds: Int

    /// - Parameter seconds: how long to wait; nil for four minutes, or ten where instructions are translated.
    public init(_ record: MachineRecord, seconds: Int?) {
        self.record = record
        self.seconds = seconds ?? (record.accelerator == .kvm ? 240 : 600)
    }

    /// Waits until the server answers or one of the descriptors has something.
    ///
    /// The guest says when its server has been started, and then the server is asked at once. Until then it is looked for only now
    /// and then: it may be one that the guest's agent knows nothing of.
    public func wait(port: UInt16, machine: Int32, signals: SignalDescriptor) throws -> End {
        let start = ContinuousClock.now
        var watch = try? ReadinessWatch(socket: FilePath(record.agentSocket))
        var patience = 1000
        while true {
            let left = seconds * 1000 - Poller.milliseconds(since: start)
            if left <= 0 { throw notReady() }
            let interruptions = [machine, signals.descriptor.raw]
            let answer = try SSHBanner.look(
                port: port, milliseconds: min(patience, left), interruptions: interruptions)
            if answer == .server { return .ready }
            patience = min(patience * 3 / 2, 15_000)
            let pause = watch?.readiness.ssh == true ? 30 : 300
            let watched = interruptions + (watch.map { [$0.descriptor] } ?? [])
            let ready = try Poller.wait(watched, milliseconds: min(pause, left))
            if ready.contains(signals.descriptor.raw), let number = try signals.next() { return .signal(number) }
            if ready.contains(machine) { return .machine }
            if let current = watch, ready.contains(current.descriptor) {
                try current.update()
                // Who gets no further than the emergency shell has no ssh server either.
                if current.readiness.emergency {
                    throw ended(reason: "the guest has given up its boot (emergency mode)")
                }
                if current.isOver { watch = nil }
            }
        }
    }

    private func notReady() -> MachineError {
        .notReady(
            name: record.name, what: "ssh server", seconds: seconds, log: record.consoleLog,
            lastLines: ConsoleTail.lines(of: FilePath(record.consoleLog)))
    }

    /// The error for a machine that has ended.
    public func ended(reason: String) -> MachineError {
        .ended(
            name: record.name, reason: reason, log: record.consoleLog,
            lastLines: ConsoleTail.lines(of: FilePath(record.consoleLog)))
    }
}
