internal import CLinux

/// TCP client connections.
public enum TCPSocket {
    /// Connects to an IPv4 address, waiting at most so many milliseconds.
    public static func connect(
        address: String, port: UInt16, milliseconds: Int
    ) throws(SystemError) -> OwnedDescriptor {
        let number = clinux_tcp_connect(address, port, Int32(clamping: milliseconds))
        guard number >= 0 else { throw SystemError("connect to", "\(address):\(port)") }
        return OwnedDescriptor(owning: number)
    }
}
