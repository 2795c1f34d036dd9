internal import FoundationEssentials
internal import Glibc
internal import GuestProtocol
public import LinuxSystem
public import SystemPackage

/// What a machine is waited for.
public enum ReadinessGoal: String, Sendable, Hashable, CaseIterable {
    /// The agent answers: programs can be executed.
    case agent
    /// The ssh server answers.
    case ssh
    /// The default target was reached.
    case boot
    /// The machine has ended.
    case stopped
}

/// A connection on which a machine's supervisor tells how far the guest is, as soon as it knows.
public final class ReadinessWatch {
    private let socket: OwnedDescriptor
    private var reader = FrameReader()
    private var buffer = [UInt8](repeating: 0, count: 16 << 10)
    /// What was told last.
    public private(set) var readiness = GuestReadiness()
    /// Whether the supervisor is gone.
    public private(set) var isOver = false

    /// Connects to a machine's agent socket.
    public init(socket path: FilePath) throws(SystemError) {
        socket = try UnixSocket.connect(path)
        var bytes: [UInt8] = []
        Frame(.watch, channel: 0).append(to: &bytes)
        try socket.writeAll(bytes, subject: "agent")
    }

    /// Readable when there is something new.
    public var descriptor: Int32 { socket.raw }

    /// Takes what has come; waits for it when nothing has.
    public func update() throws {
        let count = recv(socket.raw, &buffer, buffer.count, 0)
        if count < 0, errno == EINTR { return }
        guard count > 0 else {
            isOver = true
            return
        }
        reader.append(buffer[..<count])
        while let frame = try reader.next(), frame.kind == .readiness {
            readiness = try JSONDecoder().decode(GuestReadiness.self, from: Data(frame.payload))
        }
    }
}
