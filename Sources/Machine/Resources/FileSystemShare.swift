/// A directory of the host in the guest, by virtiofs (a vhost-user device that another process serves).
public struct FileSystemShare: Sendable, Hashable, Codable {
    /// The name under which the guest mounts it; at most 36 bytes (virtio 1.2, 5.11.4).
    public var tag: String
    /// The Unix socket on which the file system's server listens.
    public var socket: String
    /// A connected socket that QEMU inherits under this number; nil where it connects by itself.
    public var descriptor: Int32?

    /// A share behind a socket.
    public init(tag: String, socket: String) {
        self.tag = tag
        self.socket = socket
    }

    func arguments(index: Int) -> [String] {
        backendArguments(index: index) + QEMUOption.device(device(index: index))
    }

    func backendArguments(index: Int) -> [String] {
        let channel = QEMUOption("socket").with("id", Self.channel(index))
        return ["-chardev", descriptor.map { channel.with("fd", $0).text } ?? channel.with("path", socket).text]
    }

    func device(index: Int) -> [DeviceProperty] {
        [
            DeviceProperty("driver", "vhost-user-fs-pci"), DeviceProperty("chardev", Self.channel(index)),
            DeviceProperty("tag", tag), DeviceProperty("queue-size", 1024),
        ]
    }

    private static func channel(_ index: Int) -> String { "share\(index)" }
}
