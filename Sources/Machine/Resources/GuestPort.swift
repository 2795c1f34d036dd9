/// A virtio-serial port: a stream between a program of the guest and the host.
public struct GuestPort: Sendable, Hashable, Codable {
    /// Where the stream ends on the host.
    public enum Backend: Sendable, Hashable, Codable {
        /// A connected socket that QEMU inherits under this number.
        case descriptor(Int32)
        /// A file that grows with what the guest writes.
        case file(String)
    }

    /// The name under which the guest finds it (/sys/class/virtio-ports/*/name).
    public var name: String
    /// Where it ends on the host.
    public var backend: Backend

    /// A port.
    public init(name: String, backend: Backend) {
        self.name = name
        self.backend = backend
    }

    /// The agent's port.
    public static let agent = "org.bcvk.agent"
    /// The port for the journal of the booted system.
    public static let journal = "org.bcvk.journal"
    /// The port for the journal of the image's initramfs.
    public static let initramfsJournal = "org.bcvk.journal.initrd"

    /// The identifier by which events of QEMU name the port.
    public var identifier: String { "port-\(name)" }

    /// The controller that all ports are on.
    static let controller = ["-device", "virtio-serial-pci,id=ports"]

    var arguments: [String] {
        let channel = "channel-\(name)"
        let backend =
            switch backend {
            case .descriptor(let number): QEMUOption("socket").with("id", channel).with("fd", number)
            case .file(let path): QEMUOption("file").with("id", channel).with("path", path).with("append", "on")
            }
        return [
            "-chardev", backend.text,
            "-device",
            QEMUOption("virtserialport").with("bus", "ports.0").with("id", identifier).with("chardev", channel)
                .with("name", name).text,
        ]
    }
}
