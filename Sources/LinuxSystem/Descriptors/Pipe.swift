internal import CLinux
internal import Glibc

/// Pairs of connected descriptors, closed on exec. The caller owns both and wraps them at once.
public enum DescriptorPair {
    /// A pipe: what is written to `write` is read from `read`.
    public static func pipe() throws(SystemError) -> (read: Int32, write: Int32) {
        var numbers: [Int32] = [-1, -1]
        guard clinux_pipe(&numbers) == 0 else { throw SystemError("create", "pipe") }
        return (numbers[0], numbers[1])
    }

    /// Two connected Unix stream sockets.
    public static func sockets() throws(SystemError) -> (Int32, Int32) {
        var numbers: [Int32] = [-1, -1]
        guard clinux_socket_pair(&numbers) == 0 else { throw SystemError("create", "socket pair") }
        return (numbers[0], numbers[1])
    }
}

/// A pipe whose ends are closed one by one.
public struct OwnedPipe: ~Copyable {
    private var readEnd: OwnedDescriptor?
    private var writeEnd: OwnedDescriptor?

    /// A new pipe.
    public init() throws(SystemError) {
        let (read, write) = try DescriptorPair.pipe()
        readEnd = OwnedDescriptor(owning: read)
        writeEnd = OwnedDescriptor(owning: write)
    }

    /// The reading end's number, -1 once it is closed.
    public var read: Int32 {
        switch readEnd {
        case .some(let end): end.raw
        case .none: -1
        }
    }

    /// The writing end's number, -1 once it is closed.
    public var write: Int32 {
        switch writeEnd {
        case .some(let end): end.raw
        case .none: -1
        }
    }

    /// Closes the reading end.
    public mutating func closeRead() { readEnd = nil }

    /// Closes the writing end, so that the reader sees the end of the stream.
    public mutating func closeWrite() { writeEnd = nil }
}
