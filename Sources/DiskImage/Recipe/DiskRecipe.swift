public import Machine

/// Which initramfs a disk starts with.
public enum DiskInitramfsChoice: String, Sendable, Hashable, Codable, CaseIterable {
    /// The image's where a disk starts with it, else bcvk's own.
    case auto
    /// The image's.
    case image
    /// bcvk's own small one.
    case own
    /// One that the image's dracut or update-initramfs makes in a machine of its own.
    case make
}

/// Which boot loader.
public enum BootLoaderChoice: String, Sendable, Hashable, Codable, CaseIterable {
    /// systemd-boot where there is one, else GRUB; GRUB for BIOS.
    case auto
    case systemdBoot = "systemd-boot"
    case grub
}

/// Everything that decides a disk's content, but for the image.
public struct DiskRecipe: Sendable, Hashable, Codable {
    /// The form of the file.
    public var format = Drive.Format.raw
    /// The disk's size in bytes; nil for the usual one.
    public var diskSize: UInt64?
    /// The root partition's size in bytes; nil for all that is left.
    public var rootSize: UInt64?
    /// The root's file system.
    public var fileSystem = RootFileSystem.ext4
    /// Which firmware boots it.
    public var firmware = FirmwareSupport.both
    /// Which loader.
    public var bootLoader = BootLoaderChoice.auto
    /// Which initramfs.
    public var initramfs = DiskInitramfsChoice.auto
    /// Which of the image's kernels; nil for the newest.
    public var kernelVersion: String?
    /// Words for the end of the kernel's command line.
    public var kernelArguments: [String] = []
    /// The host name; nil for the image's, or one made of the image's name.
    public var hostname: String?
    /// The public keys that may log in as root.
    public var authorizedKeys: [String] = []
    /// Whether the guest's agent is put on the disk.
    public var hasAgent = true
    /// Whether ext4 writes data without regard to its journal.
    public var isOptimized = false
    /// Whether the root grows to the disk at the first boot.
    public var grows = false
    /// The time that everything new has, where it is fixed: then the same inputs give the same bytes (SOURCE_DATE_EPOCH).
    public var epoch: Int64?

    /// A disk as it is when nothing is asked for.
    public init() {}
}
