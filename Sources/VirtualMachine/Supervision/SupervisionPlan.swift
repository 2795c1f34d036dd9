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
    /// What virtiofsd serves, in the order of the machine's shares; the first is the guest's root.
    public var shares: [ServedShare]
    /// Whether an end that nobody asked for is a failure.
    public var mustNotEnd: Bool
    /// Whether a person is to sit at the console.
    public var hasConsoleSocket: Bool
    /// Disks that are made for the machine; their drives are the supervisor's business too.
    public var scratchDisks: [ScratchDisk]
    /// The directory on whose file system they are made.
    public var scratchDirectory: String
    /// What the machine has to do with a saved state; nil where nothing.
    public var state: SavedState?

    /// A plan for a machine with these programs.
    public init(
        qemu: FilePath, machine: MachineSpec, virtiofsd: VirtiofsdProgram, shares: [ServedShare],
        mustNotEnd: Bool, hasConsoleSocket: Bool, scratchDisks: [ScratchDisk], scratchDirectory: FilePath
    ) {
        self.qemu = qemu.string
        self.machine = machine
        self.virtiofsd = virtiofsd.executable.string
        virtiofsdFlavour = virtiofsd.flavour.rawValue
        virtiofsdReadOnly = virtiofsd.knowsReadOnly
        self.shares = shares
        self.mustNotEnd = mustNotEnd
        self.hasConsoleSocket = hasConsoleSocket
        self.scratchDisks = scratchDisks
        self.scratchDirectory = scratchDirectory.string
    }

    /// A plan for a machine that sees no directory of the host.
    public init(qemu: FilePath, machine: MachineSpec) {
        self.qemu = qemu.string
        self.machine = machine
        virtiofsd = ""
        virtiofsdFlavour = ""
        virtiofsdReadOnly = false
        shares = []
        mustNotEnd = false
        hasConsoleSocket = false
        scratchDisks = []
        scratchDirectory = ""
    }

    var virtiofsdProgram: VirtiofsdProgram {
        VirtiofsdProgram(
            executable: FilePath(virtiofsd), flavour: VirtiofsdProgram.Flavour(rawValue: virtiofsdFlavour) ?? .rust,
            knowsReadOnly: virtiofsdReadOnly)
    }
}
