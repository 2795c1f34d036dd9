internal import Glibc
public import ImageStore
public import VirtualMachine

/// Everything that decides whether this host can run machines for this user, and how well.
///
/// Each finding asks the very function that the commands call: what it says is what they would do, and fail with.
public struct HostReport: Sendable, Hashable, Encodable {
    /// What was found, in the order in which people should read it.
    public let findings: [Finding]

    /// Whether nothing was found that keeps machines from running.
    public var canRunMachines: Bool { !findings.contains { $0.status == .problem } }

    /// A report by its findings.
    public init(_ findings: [Finding]) {
        self.findings = findings
    }

    /// Looks at this host.
    public static func make(store: ImageStore, registry: MachineRegistry) -> HostReport {
        HostReport(
            [
                AcceleratorCheck.look(), QEMUCheck.look(), VirtiofsdCheck.look(), GuestProgramCheck.look(),
                SubordinateIDsCheck.look(), NamespacesCheck.look(),
            ] + CacheCheck.look(store) + [StateCheck.look(registry), SSHCheck.look()] + OptionalTools.look())
    }

    private enum Key: String, CodingKey {
        case findings
        case canRunMachines = "can_run_machines"
        case program = "bcvk_version"
        case user = "user_id"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(canRunMachines, forKey: .canRunMachines)
        try container.encode(ProgramVersion.current, forKey: .program)
        try container.encode(geteuid(), forKey: .user)
        try container.encode(findings, forKey: .findings)
    }
}
