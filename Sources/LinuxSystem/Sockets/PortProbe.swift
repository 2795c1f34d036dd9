internal import CLinux

/// Looking whether a port of this host can be had.
public enum PortProbe {
    /// Tries to listen on a port, and lets it go again.
    /// - Parameters:
    ///   - address: an IPv4 address of this host.
    ///   - isDatagram: UDP rather than TCP.
    /// - Throws: why it cannot be had: EADDRINUSE, EACCES, EADDRNOTAVAIL.
    public static func look(address: String, port: UInt16, isDatagram: Bool) throws(SystemError) {
        guard clinux_probe_port(address, port, isDatagram ? 1 : 0) == 0 else {
            throw SystemError("listen on", "\(address):\(port)")
        }
    }
}
