internal import Glibc
internal import LinuxSystem
public import QMP
internal import SystemPackage

/// Talking to the QEMU of a machine that runs, over the monitor that its supervisor leaves to others.
extension MachineControl {
    /// Has QEMU execute a command of its monitor (QEMU QMP Reference Manual), and returns the answer.
    public func execute(_ command: String, arguments: JSONValue? = nil, on name: String) throws -> JSONValue {
        let record = try running(name)
        guard let socket = try? UnixSocket.connect(FilePath(record.qmpSocket)) else {
            throw MachineError.notRunning(name, reason: "its monitor does not answer: it is just starting or ending")
        }
        let monitor = QMPClient(socket)
        return try monitor.execute(command, arguments: arguments)
    }

    /// Stops the machine's CPUs. It keeps its memory, and its connections as long as the other side is patient.
    public func pause(_ name: String) throws {
        try change(name, by: "stop", to: .paused)
    }

    /// Lets them go on.
    public func resume(_ name: String) throws {
        try change(name, by: "cont", to: .running)
    }

    /// QEMU obeys at once; the record follows when the supervisor has heard of it, and is what others look at.
    private func change(_ name: String, by command: String, to state: MachineRecord.State) throws {
        let now = try running(name).state
        guard now == .running || now == .paused else {
            throw MachineError.notRunning(name, reason: "it is \(now.rawValue)")
        }
        _ = try execute(command, on: name)
        let start = ContinuousClock.now
        while try running(name).state != state, Poller.milliseconds(since: start) < 5000 { usleep(5000) }
    }
}
