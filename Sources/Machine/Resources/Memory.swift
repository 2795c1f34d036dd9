/// The machine's memory.
public struct Memory: Sendable, Hashable, Codable {
    /// Its size.
    public var size: ByteSize
    /// Whether another process must see it, as vhost-user file systems do.
    public var shared: Bool
    /// An open file that is the memory (memfd_create(2)), of its size; without one QEMU makes its own.
    public var descriptor: Int32?

    /// The smallest memory in which a distribution's kernel reaches its init.
    public static let minimum = ByteSize(mebibytes: 256)
    /// QEMU's own limit for the boards used here is higher; more than this is a typing error.
    public static let maximum = ByteSize(mebibytes: 16 << 20)

    /// Memory of a size.
    public init(size: ByteSize, shared: Bool) {
        self.size = size
        self.shared = shared
    }

    static let backend = "memory"

    var arguments: [String] {
        ["-m", "\(size.mebibytes)M", "-object", object.text]
    }

    private var object: QEMUOption {
        let isShared = shared ? "on" : "off"
        guard let descriptor else {
            return QEMUOption(shared ? "memory-backend-memfd" : "memory-backend-ram").with("id", Self.backend)
                .with("size", "\(size.mebibytes)M").with("share", isShared)
        }
        return QEMUOption("memory-backend-file").with("id", Self.backend).with("size", "\(size.mebibytes)M")
            .with("mem-path", "/proc/self/fd/\(descriptor)").with("share", isShared)
    }
}
