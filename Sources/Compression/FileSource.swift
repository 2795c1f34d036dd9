internal import Glibc
public import LinuxSystem
public import SystemPackage

/// A part of a file as a stream.
public struct FileSource: ByteSource {
    private let file: SharedDescriptor
    private let name: String
    private var position: Int64
    private let end: Int64

    /// The bytes from `offset` on, `length` of them or all up to the end.
    public init(_ path: FilePath, offset: Int64 = 0, length: Int64? = nil) throws(SystemError) {
        let descriptor = try OwnedDescriptor(opening: path, .readOnly)
        let size = try descriptor.status().size
        file = SharedDescriptor(descriptor)
        name = path.string
        position = offset
        end = min(size, length.map { offset + $0 } ?? size)
    }

    /// How many bytes are left.
    public var remaining: Int64 { max(0, end - position) }

    /// Where the next byte stands in the file.
    public var offset: Int64 { position }

    public mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        let wanted = Int(min(Int64(buffer.count), remaining))
        guard wanted > 0 else { return 0 }
        var count = 0
        repeat { count = pread(file.raw, buffer.baseAddress, wanted, Int(position)) } while count < 0 && errno == EINTR
        guard count >= 0 else { throw SystemError("read", name) }
        position += Int64(count)
        return count
    }

    public mutating func skip(_ count: Int64) -> Int64 {
        let passed = min(count, remaining)
        position += passed
        return passed
    }
}

/// An open file that several values read at positions of their own.
private final class SharedDescriptor: Sendable {
    private let descriptor: OwnedDescriptor
    var raw: Int32 { descriptor.raw }

    init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }
}
