/// A directory of the host in the guest, by virtiofs (a vhost-user device that another process serves).
public struct FileSystemShare: Sendable, Hashable, Codable {
    /// The name under which the guest mounts it; at most 36 bytes (virtio 1.2, 5.11.4).
    public var tag: String
    /// The Unix socket on which the file system's server listens.
    public var socket: String

    /// A share behind a socket.
    public init(tag: String, socket: String) {
        self.tag = tag
        self.socket = socket
    }

    func arguments(index: Int) -> [String] {
        let channel = "share\(index)"
        return [
            "-chardev", QEMUOption("socket").with("id", channel).with("path", socket).text,
            "-device",
            QEMUOption("vhost-user-fs-pci").with("chardev", channel).with("tag", tag).with("queue-size", 1024).text,
        ]
    }
}
