public import Machine

/// What a machine's network is to be.
public struct NetworkRequest: Sendable, Hashable {
    /// How far it reaches.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// Everywhere that this host's user reaches.
        case user
        /// Nowhere; the host reaches it by its forwarded ports.
        case isolated
        /// There is none.
        case none
    }

    /// How far it reaches.
    public var mode = Mode.user
    /// Ports of the host that lead into the guest.
    public var published: [PortForward] = []

    /// The usual network.
    public init() {}
}

/// Reading `--publish`.
extension PortForward {
    private static let form = "[IP:]HOST:GUEST[/tcp|/udp]"

    /// Reads `[IP:]HOST:GUEST[/udp]`; HOST 0 is any free port, and without an address only this host reaches it.
    public init(published text: String) throws(RequestError) {
        var ports = text[...]
        var transport = Transport.tcp
        if let slash = text.lastIndex(of: "/") {
            guard let named = Transport(rawValue: String(text[text.index(after: slash)...])) else {
                throw .malformed(text, form: Self.form)
            }
            transport = named
            ports = text[..<slash]
        }
        let fields = ports.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count == 2 || fields.count == 3 else { throw .malformed(text, form: Self.form) }
        let address = fields.count == 3 ? String(fields[0]) : "127.0.0.1"
        guard Self.isIPv4(address) else {
            throw .forbidden("address", value: address, rule: "an IPv4 address of this host is needed")
        }
        func port(_ field: Substring) throws(RequestError) -> UInt16 {
            let isNumber = !field.isEmpty && field.utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard isNumber, let number = UInt16(field) else {
                throw .forbidden("port", value: String(field), rule: "ports are numbers up to 65535")
            }
            return number
        }
        let guest = try port(fields[fields.count - 1])
        guard guest > 0 else { throw .forbidden("port", value: "0", rule: "a guest's port begins at 1") }
        self.init(transport, address: address, hostPort: try port(fields[fields.count - 2]), guestPort: guest)
    }

    private static func isIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt8(part) != nil
                    && (part.count == 1 || part.first != "0")
            }
    }
}
