public import Machine
public import SystemPackage

/// What a supervisor starts. It is kept in the machine's directory, so that nothing of it is on a command line.
public struct SupervisionPlan: Sendable, Codable {
    /// QEMU's file.
    public var qemu: String
    /// The machine; its monitors are the supervisor's business and still missing.
    public var machine: MachineSpec
    /// virtiofsd's file.
    public var virtiofsd: String
    /// Which virtiofsd it is.
    public var virtiofsdFlavour: String
    /// Whether it knows `--readonly`.
    public var virtiofsdReadOnly: Bool
    /// The tree that becomes the guest's root.
    public var tree: String

    /// A plan for a machine with these programs.
    public init(qemu: FilePath, machine: MachineSpec, virtiofsd: VirtiofsdProgram, tree: FilePath) {
        self.qemu = qemu.string
        self.machine = machine
        self.virtiofsd = virtiofsd.executable.string
        virtiofsdFlavour = virtiofsd.flavour.rawValue
        virtiofsdReadOnly = virtiofsd.knowsReadOnly
        self.tree = tree.string
    }

    /// A plan for a machine that sees no directory of the host.
    public init(qemu: FilePath, machine: MachineSpec) {
        self.qemu = qemu.string
        self.machine = machine
        virtiofsd = ""
        virtiofsdFlavour = ""
        virtiofsdReadOnly = false
        tree = ""
    }

    /// Whether there is anything for virtiofsd to serve.
    var hasShares: Bool { !machine.shares.isEmpty }

    var virtiofsdProgram: VirtiofsdProgram {
        VirtiofsdProgram(
            executable: FilePath(virtiofsd), flavour: VirtiofsdProgram.Flavour(rawValue: virtiofsdFlavour) ?? .rust,
            knowsReadOnly: virtiofsdReadOnly)
    }
}
