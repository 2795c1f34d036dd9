public import LinuxSystem
public import Machine
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

    private let name: String
    private let consoleLog: String
    private let seconds: Int

    /// - Parameter seconds: how long to wait; nil for four minutes, or ten where instructions are translated.
    public init(machine name: String, consoleLog: String, accelerator: Accelerator, seconds: Int?) {
        self.name = name
        self.consoleLog = consoleLog
        self.seconds = seconds ?? (accelerator == .kvm ? 240 : 600)
    }

    /// Waits until the server answers or one of the descriptors has something.
    public func wait(
        port: UInt16, machine: Int32, signals: SignalDescriptor
    ) throws -> End {
        switch try SSHReadiness.wait(
            port: port, seconds: seconds, interruptions: [machine, signals.descriptor.raw])
        {
        case .ready: return .ready
        case .timedOut:
            throw MachineError.notReady(
                name: name, what: "ssh server", seconds: seconds, log: consoleLog,
                lastLines: ConsoleTail.lines(of: FilePath(consoleLog)))
        case .interrupted:
            if let number = try signals.next() { return .signal(number) }
            return .machine
        }
    }

    /// The error for a machine that has ended.
    public func ended(reason: String) -> MachineError {
        .ended(
            name: name, reason: reason, log: consoleLog, lastLines: ConsoleTail.lines(of: FilePath(consoleLog)))
    }
}
