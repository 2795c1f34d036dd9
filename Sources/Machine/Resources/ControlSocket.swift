/// A QMP monitor on a descriptor that QEMU inherits.
public struct ControlSocket: Sendable, Hashable, Codable {
    /// How the descriptor is to be used.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// It is connected already.
        case connected
        /// It listens, and QEMU accepts one client at a time.
        case listening
    }

    /// The descriptor's number in QEMU.
    public var descriptor: Int32
    /// What it is.
    public var kind: Kind

    /// A monitor on a descriptor.
    public init(descriptor: Int32, kind: Kind) {
        self.descriptor = descriptor
        self.kind = kind
    }

    /// QEMU's words for it.
    package func arguments(index: Int) -> [String] {
        let name = "control\(index)"
        let channel = QEMUOption("socket").with("id", name).with("fd", descriptor)
        let complete = kind == .listening ? channel.with("server", "on").with("wait", "off") : channel
        return ["-chardev", complete.text, "-mon", QEMUOption("chardev", name).with("mode", "control").text]
    }
}
