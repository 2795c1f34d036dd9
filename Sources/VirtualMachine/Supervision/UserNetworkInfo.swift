package import Machine
package import QMP

/// QEMU's `info usernet`, the only place that tells which ports it got where it was free to choose.
package enum UserNetworkInfo {
    /// The arguments of QMP's `human-monitor-command` for it.
    package static let command = JSONValue.object(["command-line": .string("info usernet")])

    /// The forwards with the ports that they really have, in the same order; nil when the table lacks one.
    ///
    /// A row is `TCP[HOST_FORWARD]  12  127.0.0.1 40123  10.0.2.15  22  0  0`, with `*` for the address 0.0.0.0.
    package static func resolve(_ forwards: [PortForward], in table: String) -> [PortForward]? {
        var rows = table.split(whereSeparator: \.isNewline).compactMap(forward)
        var resolved = forwards
        // First those that are known, so that what is left belongs to those that are not.
        for wanted in [false, true] {
            for (index, forward) in forwards.enumerated() where (forward.hostPort == 0) == wanted {
                let found = rows.firstIndex { row in
                    row.transport == forward.transport && row.address == forward.address
                        && row.guestPort == forward.guestPort
                        && (forward.hostPort == 0 || row.hostPort == forward.hostPort)
                }
                guard let found else { return nil }
                resolved[index].hostPort = rows.remove(at: found).hostPort
            }
        }
        return resolved
    }

    private static func forward(_ row: Substring) -> PortForward? {
        let fields = row.split(separator: " ")
        guard fields.count >= 6, let hostPort = UInt16(fields[3]), let guestPort = UInt16(fields[5]) else { return nil }
        let transport: PortForward.Transport
        switch fields[0] {
        case "TCP[HOST_FORWARD]": transport = .tcp
        case "UDP[HOST_FORWARD]": transport = .udp
        default: return nil
        }
        let address = fields[2] == "*" ? "0.0.0.0" : String(fields[2])
        return PortForward(transport, address: address, hostPort: hostPort, guestPort: guestPort)
    }
}
