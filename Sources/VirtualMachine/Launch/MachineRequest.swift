public import BootPlan
public import GuestProtocol
public import Machine
internal import SystemPackage

/// What a user wants of a machine.
public struct MachineRequest: Sendable {
    /// Its name; nil for one that is made up.
    public var name: MachineName?
    /// Its memory.
    public var memory = ByteSize(mebibytes: 4096)
    /// How many CPUs.
    public var processors = 2
    /// QEMU's CPU model; nil for the accelerator's default.
    public var cpuModel: String?
    /// What executes it.
    public var accelerator = AcceleratorRequest.auto
    /// How its root is laid out; nil to go by the image's label.
    public var root: RootMode?
    /// How it boots.
    public var boot = BootOptions()
    /// Directories of this host that it sees.
    public var shares: [ShareRequest] = []
    /// Disks in files of this host.
    public var disks: [DiskRequest] = []
    /// The size of its swap space; nil for none.
    public var swap: ByteSize?
    /// The size of a disk for what it writes; nil to keep that in its memory.
    public var scratch: ByteSize?
    /// Its network.
    public var network = NetworkRequest()
    /// What is to be found inside.
    public var guest = GuestSettings()
    /// A directory whose `system` holds units for its systemd.
    public var systemdUnits: String?
    /// A file with user data for its cloud-init.
    public var cloudInit: String?
    /// A file with a configuration for its Ignition.
    public var ignition: String?
    /// What filters go by.
    public var labels: [String: String] = [:]
    /// virtiofsd's file; nil to look for it.
    public var virtiofsd: String?
    /// Where its streams are kept beside its directory.
    public var logs = LogRequest()
    /// Whether a person is to sit at its console.
    public var hasConsoleSocket = false
    /// Whether somebody waits for it to do something, and its own end before that is a failure.
    public var mustNotEnd = false
    /// Whether its directory goes when it ends well.
    public var removeAtExit = false
    /// Whether it is to go on from the saved state of a machine like it, in place of a boot.
    public var isWarm = false

    /// A machine as it is when nothing is asked for.
    public init() {}
}
