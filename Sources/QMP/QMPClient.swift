internal import Glibc
public import LinuxSystem

/// A monitor on a connected descriptor. It never blocks by itself: the owner waits for `descriptor` and calls `process`.
public final class QMPClient {
    private let socket: OwnedDescriptor
    private var session = QMPSession()

    /// Takes over a connected descriptor.
    public init(_ socket: consuming OwnedDescriptor) {
        self.socket = socket
    }

    /// Readable when QEMU has said something.
    public var descriptor: Int32 { socket.raw }

    /// Sends a command, or keeps it until QEMU takes commands. The outcome carries the returned number.
    @discardableResult
    public func send(_ command: String, arguments: JSONValue? = nil) throws -> Int64 {
        let id = try session.send(command, arguments: arguments)
        try flush()
        return id
    }

    /// Reads what is there and says what it means; waits only when there is nothing.
    public func process() throws -> [QMPSession.Outcome] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var count = 0
        repeat { count = read(socket.raw, &buffer, buffer.count) } while count < 0 && errno == EINTR
        guard count >= 0 else { throw SystemError("read", "QMP monitor") }
        guard count > 0 else { throw QMPError.closed }
        let outcomes = try session.receive(buffer[..<count])
        try flush()
        return outcomes
    }

    /// Sends a command and waits for its answer, at most so long for each piece of it; events in between are dropped.
    public func execute(
        _ command: String, arguments: JSONValue? = nil, milliseconds: Int = 10_000
    ) throws -> JSONValue {
        let wanted = try send(command, arguments: arguments)
        while true {
            guard try !Poller.wait([socket.raw], milliseconds: milliseconds).isEmpty else {
                throw SystemError("wait for", "QMP answer to \(command)", errno: ETIMEDOUT)
            }
            for outcome in try process() {
                switch outcome {
                case .completed(wanted, let value): return value
                case .failed(wanted, let failure): throw failure
                default: continue
                }
            }
        }
    }

    private func flush() throws(SystemError) {
        let bytes = session.takeOutgoing()
        if !bytes.isEmpty { try socket.writeAll(bytes, subject: "QMP monitor") }
    }
}
