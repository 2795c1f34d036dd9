internal import CLinux
internal import Glibc
public import SystemPackage

/// Unix stream sockets.
public enum UnixSocket {
    /// Listens on a path that must not exist; only the owner may connect.
    public static func listen(_ path: FilePath, backlog: Int32 = 16) throws(SystemError) -> OwnedDescriptor {
        let number = clinux_unix_listen(path.string, backlog)
        guard number >= 0 else { throw SystemError("listen on", path.string) }
        return OwnedDescriptor(owning: number)
    }

    /// Takes a connection; nil when the client has gone again.
    public static func accept(_ listener: borrowing OwnedDescriptor) throws(SystemError) -> OwnedDescriptor? {
        let number = clinux_accept(listener.raw)
        if number >= 0 { return OwnedDescriptor(owning: number) }
        if errno == EAGAIN || errno == ECONNABORTED { return nil }
        throw SystemError("accept on", "socket")
    }

    /// Connects to a listening path.
    public static func connect(_ path: FilePath) throws(SystemError) -> OwnedDescriptor {
        let number = clinux_unix_connect(path.string)
        guard number >= 0 else { throw SystemError("connect to", path.string) }
        return OwnedDescriptor(owning: number)
    }

    /// Hands a descriptor to the other side of a socket, with one byte beside it.
    public static func send(_ descriptor: borrowing OwnedDescriptor, over socket: Int32) throws(SystemError) {
        guard clinux_send_descriptor(socket, descriptor.raw) == 0 else {
            throw SystemError("hand over", "a connection")
        }
    }

    /// Takes a descriptor that was handed over so.
    public static func receive(from socket: borrowing OwnedDescriptor) throws(SystemError) -> OwnedDescriptor {
        let number = clinux_receive_descriptor(socket.raw)
        guard number >= 0 else { throw SystemError("take over", "a connection") }
        return OwnedDescriptor(owning: number)
    }
}
