public import Machine

/// A port of this host that leads into a machine, as records show it.
public struct PublishedPort: Sendable, Hashable, Codable, CustomStringConvertible {
    /// tcp or udp.
    public var transport: PortForward.Transport
    /// The host's address.
    public var address: String
    /// The host's port.
    public var hostPort: UInt16
    /// The guest's port.
    public var guestPort: UInt16

    init(_ forward: PortForward) {
        transport = forward.transport
        address = forward.address
        hostPort = forward.hostPort
        guestPort = forward.guestPort
    }

    /// `127.0.0.1:8080->80/tcp`.
    public var description: String { "\(address):\(hostPort)->\(guestPort)/\(transport.rawValue)" }

    enum CodingKeys: String, CodingKey {
        case address
        case transport = "protocol"
        case hostPort = "host_port"
        case guestPort = "guest_port"
    }
}
