internal import Glibc
public import LinuxSystem

/// Whether an ssh server answers. The forwarded port itself accepts always: only the server's first line proves it.
public enum SSHBanner {
    /// Connects to a port of 127.0.0.1 and waits for the server's identification (RFC 4253, 4.2).
    ///
    /// - Parameters:
    ///   - milliseconds: how long to wait; a slow guest may need some for its first line.
    ///   - interruptions: descriptors whose readiness ends the wait early.
    /// - Returns: the connection, with everything that the server said still to be read; nil where nobody listens in the guest yet.
    public static func connect(
        port: UInt16, milliseconds: Int, interruptions: [Int32]
    ) throws(SystemError) -> OwnedDescriptor? {
        let socket: OwnedDescriptor
        do {
            socket = try TCPSocket.connect(address: "127.0.0.1", port: port, milliseconds: milliseconds)
        } catch {
            return nil
        }
        guard try Poller.wait([socket.raw] + interruptions, milliseconds: milliseconds).contains(socket.raw) else {
            return nil
        }
        var start = [UInt8](repeating: 0, count: 4)
        let count = recv(socket.raw, &start, start.count, Int32(MSG_PEEK))
        guard count == 4 && start.elementsEqual("SSH-".utf8) else { return nil }
        return socket
    }
}
