internal import Glibc
public import LinuxSystem

/// Ending machines and removing what they leave, from any process of the same user.
public struct MachineControl {
    private let registry: MachineRegistry

    /// Controls the machines of a registry.
    public init(_ registry: MachineRegistry) {
        self.registry = registry
    }

    /// Asks the guest to shut down, and ends it when it has not after so many seconds.
    /// - Returns: whether the guest ended by itself.
    public func stop(_ name: String, seconds: Int) throws -> Bool {
        let record = try running(name)
        guard let supervisor = try supervisor(of: record) else { return true }
        guard try supervisor.signal(SIGTERM) else { return true }
        if try supervisor.waitForEnd(milliseconds: seconds * 1000) { return true }
        try end(supervisor)
        return false
    }

    /// Removes a machine that has ended; with `force` ends it first, without asking the guest.
    public func remove(_ name: String, force: Bool) throws {
        let record: MachineRecord
        do {
            record = try registry.find(name)
        } catch MachineError.recordUnreadable(let unreadable) {
            guard force, let valid = MachineName(name) else { throw MachineError.recordUnreadable(unreadable) }
            let machine = registry.machine(valid)
            // Who holds it cannot be asked to end: nobody here knows its number.
            guard try !machine.isHeld() else { throw MachineError.stillRunning(name) }
            return try machine.remove()
        }
        if !record.state.isEnd {
            guard force else { throw MachineError.stillRunning(name) }
            if let supervisor = try supervisor(of: record) { try end(supervisor) }
        }
        // One that was started with --rm has removed itself.
        if let valid = MachineName(name) { try registry.machine(valid).remove() }
    }

    /// The record of a machine that runs.
    public func running(_ name: String) throws -> MachineRecord {
        let record = try registry.find(name)
        if record.state.isEnd {
            throw MachineError.notRunning(name, reason: record.reason ?? record.state.rawValue)
        }
        return record
    }

    /// A handle that becomes readable when the machine's supervisor, and with it the machine, has ended; nil when it has.
    public func supervisor(of record: MachineRecord) throws -> ProcessHandle? {
        guard let process = record.supervisorProcess, let name = MachineName(record.name) else { return nil }
        guard let handle = try ProcessHandle(process: process) else { return nil }
        // The number is the supervisor's only as long as the lock is held; the handle was opened before this look.
        return try registry.machine(name).isHeld() ? handle : nil
    }

    private func end(_ supervisor: ProcessHandle) throws {
        guard try supervisor.signal(SIGINT) else { return }
        if try supervisor.waitForEnd(milliseconds: 6000) { return }
        _ = try supervisor.signal(SIGKILL)
        _ = try supervisor.waitForEnd(milliseconds: 2000)
    }
}
