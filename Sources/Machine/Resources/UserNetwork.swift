/// A port of the host that leads to one of the guest.
public struct PortForward: Sendable, Hashable, Codable {
    /// Transport protocols that can be forwarded.
    public enum Transport: String, Sendable, Hashable, Codable {
        case tcp, udp
    }

    /// Which protocol.
    public var transport: Transport
    /// The host's address that is listened on.
    public var address: String
    /// The host's port.
    public var hostPort: UInt16
    /// The guest's port.
    public var guestPort: UInt16

    /// A forward; by default only this machine can use it.
    public init(_ transport: Transport = .tcp, address: String = "127.0.0.1", hostPort: UInt16, guestPort: UInt16) {
        self.transport = transport
        self.address = address
        self.hostPort = hostPort
        self.guestPort = guestPort
    }

    /// QEMU's rule, as `hostfwd` takes it.
    var rule: String { "\(transport.rawValue):\(address):\(hostPort)-:\(guestPort)" }
}

/// QEMU's user-mode network: no privileges, addresses known before the boot.
public struct UserNetwork: Sendable, Hashable, Codable {
    /// Ports of the host that lead into the guest.
    public var forwards: [PortForward]
    /// Whether the guest reaches nothing, neither the host nor what is beyond it; forwards still lead into it.
    public var isIsolated: Bool

    /// The guest's address in QEMU's network.
    public static let guestAddress = "10.0.2.15"
    /// The length of the network's prefix.
    public static let prefixLength = 24
    /// The host, seen from the guest.
    public static let gateway = "10.0.2.2"
    /// The resolver that QEMU offers.
    public static let resolver = "10.0.2.3"

    /// The PCI slot of the network device, fixed so that its predictable interface name is known before the boot.
    static let slot = 2

    /// The name that udev gives to the interface (systemd.net-naming-scheme(7)).
    public static let interfaceName = "enp0s\(slot)"

    /// A network with these forwards.
    public init(forwards: [PortForward], isIsolated: Bool = false) {
        self.forwards = forwards
        self.isIsolated = isIsolated
    }

    var arguments: [String] {
        var network = QEMUOption("user").with("id", "net0")
        if isIsolated { network = network.with("restrict", "on") }
        network = forwards.reduce(network) { $0.with("hostfwd", $1.rule) }
        // No boot ROM: the machine never boots from the network.
        let device = QEMUOption("virtio-net-pci").with("netdev", "net0").with("addr", "0x\(Self.slot)")
            .with("romfile", "")
        return ["-netdev", network.text, "-device", device.text]
    }
}
