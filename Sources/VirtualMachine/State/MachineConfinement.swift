public import LinuxSystem

/// How one of a machine's processes is fenced in.
public struct MachineConfinement: Sendable, Hashable, Encodable {
    /// What it is for.
    public enum Role: String, Sendable, Hashable, Codable {
        case supervisor, qemu, virtiofsd
    }

    /// What it is for.
    public let role: Role
    /// Its process id.
    public let process: Int32
    /// The version of Landlock that keeps it from files; nil for none.
    public let landlock: Int?
    /// What the kernel tells of it now.
    public let state: ProcessConfinement

    private enum CodingKeys: String, CodingKey {
        case role, landlock
        case process = "pid"
    }

    public func encode(to encoder: any Encoder) throws {
        try state.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(role, forKey: .role)
        try container.encode(process, forKey: .process)
        // The kernel tells nobody of this one: it is what the supervisor saw succeed.
        try container.encodeIfPresent(landlock, forKey: .landlock)
    }
}

extension MachineRecord {
    /// How its processes are fenced in, read from the kernel now; those that have ended are left out.
    public func confinement() throws(SystemError) -> [MachineConfinement] {
        var found: [MachineConfinement] = []
        func add(_ role: MachineConfinement.Role, _ process: Int32?, landlock: Int? = nil) throws(SystemError) {
            guard let process, let state = try ProcessConfinement(process: process) else { return }
            found.append(MachineConfinement(role: role, process: process, landlock: landlock, state: state))
        }
        if state.isEnd { return [] }
        try add(.supervisor, supervisorProcess)
        try add(.qemu, qemuProcess, landlock: landlock)
        for process in virtiofsdProcesses {
            try add(.virtiofsd, process)
            // It serves in a child, in a process namespace of its own.
            for child in try ProcessConfinement.children(of: process) { try add(.virtiofsd, child) }
        }
        return found
    }
}
