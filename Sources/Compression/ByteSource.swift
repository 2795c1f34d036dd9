/// A stream of bytes that is read from its beginning to its end.
public protocol ByteSource {
    /// Fills at most the buffer and returns how many bytes it got; 0 means the end.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int

    /// The next bytes, at most as many as the buffer takes: in the buffer, or where the stream has them already, which saves a copy.
    /// Valid until the stream is asked again; none means the end.
    mutating func read(through buffer: UnsafeMutableRawBufferPointer) throws -> UnsafeRawBufferPointer

    /// Passes over so many bytes; fewer are there only at the end, which is an error of the reader's to notice.
    /// - Returns: how many were passed over.
    mutating func skip(_ count: Int64) throws -> Int64
}

extension ByteSource {
    /// Reads into the buffer.
    public mutating func read(through buffer: UnsafeMutableRawBufferPointer) throws -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer[..<(try read(into: buffer))])
    }

    /// Reads and forgets.
    public mutating func skip(_ count: Int64) throws -> Int64 {
        var left = count
        try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
            while left > 0 {
                let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(left, Int64(buffer.count)))])
                let got = try read(through: piece).count
                if got == 0 { break }
                left -= Int64(got)
            }
        }
        return count - left
    }

    /// Fills the whole buffer unless the stream ends before.
    public mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let got = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if got == 0 { break }
            filled += got
        }
        return filled
    }

    /// Everything up to the end; more than `limit` bytes are refused.
    public mutating func readAll(limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
            while true {
                let got = try read(into: buffer)
                if got == 0 { return }
                guard bytes.count + got <= limit else { throw DecompressionError.tooLarge(limit: limit) }
                bytes.append(contentsOf: buffer[..<got])
            }
        }
        return bytes
    }
}

/// Bytes in memory as a stream.
public struct MemorySource: ByteSource {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    /// A stream of these bytes.
    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// A stream of these bytes.
    public init(_ bytes: [UInt8]) {
        self.init(bytes[...])
    }

    public mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.endIndex - position)
        bytes[position..<(position + count)].withUnsafeBytes { buffer.copyMemory(from: $0) }
        position += count
        return count
    }
}

/// A stream of which the first bytes were looked at already.
struct PrefixedSource: ByteSource {
    var prefix: MemorySource
    var rest: any ByteSource

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = prefix.read(into: buffer)
        return count > 0 ? count : try rest.read(into: buffer)
    }
}
