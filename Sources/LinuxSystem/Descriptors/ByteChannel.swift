internal import Glibc

/// A non-blocking stream socket with what waits to be written to it.
public final class ByteChannel {
    /// The socket's number.
    public var descriptor: Int32 { socket.raw }
    private let socket: OwnedDescriptor
    private var pending: [UInt8] = []
    private var start = 0

    /// Takes over a connected socket and makes it non-blocking.
    public init(_ socket: consuming OwnedDescriptor) throws(SystemError) {
        try socket.setNonBlocking()
        self.socket = socket
    }

    /// How many bytes wait to be written.
    public var pendingCount: Int { pending.count - start }

    /// Adds bytes to what waits.
    public func append(_ bytes: [UInt8]) {
        pending.append(contentsOf: bytes)
    }

    /// Writes as much as the socket takes. False when its other side is gone.
    public func flush() -> Bool {
        while pendingCount > 0 {
            let count = pending.withUnsafeBytes { buffer in
                send(socket.raw, buffer.baseAddress.map { $0 + start }, pendingCount, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN { break }
                return false
            }
            start += count
        }
        if pendingCount == 0 {
            pending.removeAll(keepingCapacity: pending.capacity <= 1 << 20)
            start = 0
        } else if start > 1 << 20 {
            pending.removeFirst(start)
            start = 0
        }
        return true
    }

    /// Reads what has come, at most one buffer of it; nil when the other side has closed.
    public func read(into buffer: inout [UInt8]) -> ArraySlice<UInt8>? {
        while true {
            let count = recv(socket.raw, &buffer, buffer.count, 0)
            if count > 0 { return buffer[..<count] }
            if count == 0 { return nil }
            if errno == EINTR { continue }
            return errno == EAGAIN ? [] : nil
        }
    }
}
