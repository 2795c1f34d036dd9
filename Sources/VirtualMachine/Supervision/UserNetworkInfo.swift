/// QEMU's `info usernet`, the only place that tells which port it got where it was free to choose.
package enum UserNetworkInfo {
    /// The host's port of the forward to a port of the guest; nil when the table has none.
    ///
    /// A row is `TCP[HOST_FORWARD]  12  127.0.0.1 40123  10.0.2.15  22  0  0`.
    package static func hostPort(in table: String, guestPort: UInt16) -> UInt16? {
        for line in table.split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[0] == "TCP[HOST_FORWARD]", fields[5] == "\(guestPort)" else { continue }
            return UInt16(fields[3])
        }
        return nil
    }
}
