internal import Glibc
public import LinuxSystem
public import SystemPackage

/// All machines of this user.
public struct MachineRegistry: Sendable {
    /// The directory that holds one directory for every machine.
    public let directory: FilePath

    /// The machines below a directory.
    public init(directory: FilePath) {
        self.directory = directory
    }

    /// The directory of the machine of this name, whether it exists or not.
    public func machine(_ name: MachineName) -> MachineDirectory {
        MachineDirectory(directory.appending(name.text))
    }

    /// Tells that a name is taken before anything is done for a machine that could not have it.
    public func requireFree(_ name: MachineName) throws {
        let machine = machine(name)
        if Files.exists(machine.path) {
            throw MachineError.nameTaken(name.text, isRunning: try machine.isHeld())
        }
    }

    /// Takes a name: creates the machine's directory and locks it for the caller.
    public func claim(_ name: MachineName) throws -> (directory: MachineDirectory, lock: FileLock) {
        try prepare()
        let gate = try gate()
        defer { withExtendedLifetime(gate) {} }
        let machine = machine(name)
        guard mkdir(machine.path.string, 0o700) == 0 else {
            guard errno == EEXIST else { throw SystemError("create directory", machine.path.string) }
            throw MachineError.nameTaken(name.text, isRunning: try machine.isHeld())
        }
        guard let lock = try FileLock.exclusive(machine.lock, wait: true) else {
            throw MachineError.nameTaken(name.text, isRunning: true)
        }
        return (machine, lock)
    }

    /// Does what it takes to start a machine, and undoes it: a name is taken, and something listens in its directory.
    package func tryOut() throws {
        while true {
            do {
                let (machine, lock) = try claim(.random())
                defer { withExtendedLifetime(lock) {} }
                do {
                    _ = try UnixSocket.listen(machine.shareSocket("bind00"))
                } catch {
                    try machine.remove()
                    throw MachineError.stateUnusable(directory.string, reason: "\(error.errno) (sockets in it)")
                }
                return try machine.remove()
            } catch MachineError.nameTaken {
                continue
            }
        }
    }

    /// The record of a machine as it is now.
    public func find(_ name: String) throws -> MachineRecord {
        if Files.exists(directory) { try checkOwner() }
        guard let valid = MachineName(name), let record = try truth(machine(valid)) else {
            throw MachineError.noSuchMachine(name)
        }
        return record
    }

    /// The records of all machines, by name, and the names of those whose records cannot be read. What a killed run left without a
    /// record is removed on the way.
    public func machines() throws -> (records: [MachineRecord], unreadable: [String]) {
        guard Files.exists(directory) else { return ([], []) }
        try checkOwner()
        var records: [MachineRecord] = []
        var unreadable: [String] = []
        for entry in try RootDirectory(directory).entries("/") where entry.kind == .directory {
            guard let name = MachineName(entry.name) else { continue }
            let machine = machine(name)
            do {
                if let record = try truth(machine) {
                    records.append(record)
                } else {
                    try removeIfAbandoned(machine)
                }
            } catch MachineError.recordUnreadable {
                unreadable.append(name.text)
            }
        }
        return (records, unreadable)
    }

    private func removeIfAbandoned(_ machine: MachineDirectory) throws {
        // Behind the gate, so that a machine between its directory and its lock is not taken for a leftover.
        let gate = try gate()
        defer { withExtendedLifetime(gate) {} }
        if try !machine.isHeld(), try machine.readRecord() == nil { try machine.remove() }
    }

    private func gate() throws(SystemError) -> FileLock? {
        try FileLock.exclusive(directory.appending(".lock"), wait: true)
    }

    /// What the record says, corrected where its supervisor is gone without having been able to write the end.
    private func truth(_ machine: MachineDirectory) throws -> MachineRecord? {
        guard var record = try machine.readRecord() else { return nil }
        if !record.state.isEnd, try !machine.isHeld() {
            // Read again: the supervisor may have written the end between the two looks.
            guard let last = try machine.readRecord() else { return nil }
            record = last
            if !record.state.isEnd {
                record.state = .failed
                record.reason = "its supervisor was killed"
                record.qemuProcess = nil
                record.virtiofsdProcesses = []
            }
        }
        return record
    }

    private func prepare() throws {
        do {
            try Files.createDirectories(directory)
        } catch {
            throw MachineError.stateUnusable(directory.string, reason: "\(error.errno)")
        }
        try checkOwner()
    }

    private func checkOwner() throws {
        var status = stat()
        guard lstat(directory.string, &status) == 0 else { throw SystemError("stat", directory.string) }
        // Its usual place may be in /tmp, where anybody could have put something of this name first.
        guard status.st_uid == geteuid(), status.st_mode & S_IFMT == S_IFDIR, status.st_mode & 0o022 == 0 else {
            throw MachineError.stateUnusable(directory.string, reason: "not a directory that only this user can write")
        }
    }
}
