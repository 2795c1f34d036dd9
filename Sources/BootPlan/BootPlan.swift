public import GuestProtocol
internal import LinuxSystem
public import SystemPackage

/// What the user may decide of a boot.
public struct BootOptions: Sendable {
    /// Which initramfs starts the guest.
    public enum InitramfsChoice: String, Sendable, Hashable, CaseIterable {
        /// bcvk's own.
        case own
        /// The image's, with our units appended.
        case image
    }

    /// One of several kernels; nil for the newest.
    public var kernelVersion: String?
    /// A kernel of the host's instead of the image's.
    public var kernel: FilePath?
    /// An initramfs of the host's instead of the image's; it must run systemd.
    public var initrd: FilePath?
    /// Which initramfs.
    public var initramfs = InitramfsChoice.own
    /// Words for the end of the kernel's command line.
    public var extraArguments: [String] = []
    /// Kernel modules that this machine needs before its root is complete, beside those of every machine.
    public var extraModules: [String] = []
    /// Whether the machine has a seed for cloud-init's data source NoCloud.
    public var hasCloudInitSeed = false
    /// Whether the machine has a configuration for Ignition.
    public var hasIgnition = false
    /// The serial port's name in the kernel.
    public var console = "ttyS0"
    /// Whether what makes no sense in a machine of ours is left out of the boot.
    public var isTuned = true
    /// Whether the guest's instructions are translated.
    public var isTranslated = false
    /// Whether the boot is to be seen on the console.
    public var isVerbose = false

    /// Everything as usual.
    public init() {}
}

/// How one image is booted: which kernel, what goes before its init, which words on the command line.
public struct BootPlan: Sendable {
    /// The kernel.
    public let kernel: FoundKernel
    /// The kernel's file on the host, private to this cache.
    public let kernelFile: FilePath
    /// What is known of the system.
    public let facts: SystemFacts
    /// The command line.
    public let commandLine: [String]
    /// What the machine need not do; nil where nothing is left out.
    public let tuning: BootTuning?
    /// The image's own initramfs, where that is used.
    let imageInitrd: [UInt8]?
    /// The initramfs' part that all machines of the image share.
    let base: [UInt8]

    /// Writes the initramfs of one machine.
    public func writeInitrd(to path: FilePath, configuration: GuestConfiguration) throws {
        var bytes = imageInitrd ?? []
        // An archive after another begins at a multiple of four; zeros between are passed over.
        while bytes.count % 4 != 0 { bytes.append(0) }
        bytes += base
        bytes += OwnInitramfs.machine(configuration: configuration.encoded())
        // It holds the machine's private host key.
        try Files.writeAtomically(bytes, to: path, mode: 0o600)
    }
}
