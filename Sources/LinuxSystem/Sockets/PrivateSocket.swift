internal import CLinux
internal import Glibc

/// A listening Unix socket in the abstract namespace, for processes of our own user only: it leaves nothing behind, whatever ends us.
public struct PrivateSocket: ~Copyable, Sendable {
    private let listener: OwnedDescriptor
    /// What others connect by.
    public let name: String

    /// Listens; the kernel chooses the name.
    public init() throws(SystemError) {
        var buffer = [CChar](repeating: 0, count: 64)
        let number = clinux_unix_listen_anywhere(&buffer, buffer.count)
        guard number >= 0 else { throw SystemError("listen on", "a socket") }
        listener = OwnedDescriptor(owning: number)
        name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Readable when somebody has connected.
    public var descriptor: Int32 { listener.raw }

    /// Takes a connection; nil when it is somebody else's.
    public func accept() throws(SystemError) -> OwnedDescriptor? {
        guard let connection = try UnixSocket.accept(listener) else { return nil }
        guard clinux_peer_is_own(connection.raw) != 0 else { return nil }
        return connection
    }

    /// Connects to the socket of another process of ours.
    public static func connect(_ name: String) throws(SystemError) -> OwnedDescriptor {
        let number = clinux_unix_connect_abstract(name)
        guard number >= 0 else { throw SystemError("connect to", "socket \(name)") }
        let connection = OwnedDescriptor(owning: number)
        guard clinux_peer_is_own(connection.raw) != 0 else {
            throw SystemError("connect to", "socket \(name)", errno: EPERM)
        }
        return connection
    }
}
