/// A machine that was booted and saved, as it is described beside its state.
public struct MachineTemplate: Sendable, Hashable, Codable {
    /// The form's version; another one is not read.
    public var version = Self.currentVersion
    /// What everything that the state depends on comes to; the same request finds the same key.
    public var key: String
    /// The image as the user named it.
    public var image: String
    /// The digest of the image's manifest.
    public var digest: String
    /// The key of the image's tree in the cache.
    public var treeKey: String
    /// The kernel's release.
    public var kernelVersion: String
    /// MiB of memory.
    public var memoryMebibytes: UInt64
    /// How many CPUs.
    public var processors: Int
    /// What executed the machine.
    public var accelerator: String
    /// The version of QEMU that wrote the state, with its distributor's.
    public var qemuVersion: String
    /// The programs that the state depends on, as they were.
    public var programs: [String]
    /// The time at which it was made (RFC 3339, UTC).
    public var createdAt: String

    static let currentVersion = 2

    enum CodingKeys: String, CodingKey {
        case version, key, image, digest, accelerator, programs
        case treeKey = "tree_key"
        case kernelVersion = "kernel_version"
        case memoryMebibytes = "memory_mib"
        case processors = "vcpus"
        case qemuVersion = "qemu_version"
        case createdAt = "created_at"
    }
}
