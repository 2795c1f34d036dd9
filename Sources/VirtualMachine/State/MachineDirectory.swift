public import LinuxSystem
public import SystemPackage

/// The directory of one machine: its record, its lock, its sockets, its key and its logs.
public struct MachineDirectory: Sendable, Hashable {
    /// Where it is.
    public let path: FilePath

    /// The directory at a path.
    public init(_ path: FilePath) {
        self.path = path
    }

    /// The machine's name is the directory's.
    public var name: String { path.lastComponent?.string ?? "" }
    /// The record, as JSON.
    public var record: FilePath { path.appending("machine.json") }
    /// Locked by the supervisor as long as it lives.
    public var lock: FilePath { path.appending("lock") }
    /// The monitor for anybody.
    public var qmpSocket: FilePath { path.appending("qmp.sock") }
    /// Where clients of the guest's agent connect.
    public var agentSocket: FilePath { path.appending("agent.sock") }
    /// The socket of the virtiofsd that serves the root.
    public var rootSocket: FilePath { path.appending("root.sock") }
    /// Those of the others, by the share's tag.
    public func shareSocket(_ tag: String) -> FilePath { path.appending("\(tag).sock") }
    /// The private key; the public one is beside it with `.pub`.
    public var sshKey: FilePath { path.appending("ssh_key") }
    /// What the guest wrote to its serial port.
    public var consoleLog: FilePath { path.appending("console.log") }
    /// Where a person at the console connects.
    public var consoleSocket: FilePath { path.appending("console.sock") }
    /// QEMU's messages.
    public var qemuLog: FilePath { path.appending("qemu.log") }
    /// virtiofsd's messages.
    public var virtiofsdLog: FilePath { path.appending("virtiofsd.log") }
    /// The supervisor's own messages.
    public var supervisorLog: FilePath { path.appending("supervisor.log") }
    /// What the supervisor is to start.
    public var plan: FilePath { path.appending("plan.json") }

    /// Reads the record; nil while there is none.
    public func readRecord() throws -> MachineRecord? {
        guard let bytes = try Files.readIfPresent(record, limit: 4 << 20) else { return nil }
        return try MachineRecord(reading: bytes, in: self)
    }

    /// Replaces the record.
    public func write(_ value: MachineRecord) throws {
        try Files.writeAtomically(JSONText.encode(value), to: record)
    }

    /// Whether somebody holds the machine's lock: its supervisor, or the client that is just starting it.
    public func isHeld() throws(SystemError) -> Bool {
        do {
            // The shared lock: two that only look do not take each other for the holder.
            return try FileLock.shared(lock, wait: false) == nil
        } catch  where error.errno == .noSuchFileOrDirectory {
            return false
        }
    }

    /// Removes the directory with everything in it.
    public func remove() throws(SystemError) {
        try Files.removeTree(path)
    }
}
