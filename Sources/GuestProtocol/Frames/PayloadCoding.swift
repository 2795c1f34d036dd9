/// Puts a payload together: little-endian numbers, and texts behind their lengths.
public struct PayloadWriter {
    /// The payload so far.
    public private(set) var bytes: [UInt8] = []

    /// An empty payload.
    public init() {}

    /// Adds a number in as many bytes as its type has.
    public mutating func add(_ value: some FixedWidthInteger & UnsignedInteger) {
        var rest = value
        for _ in 0..<(value.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            if value.bitWidth > 8 { rest >>= 8 }
        }
    }

    /// Adds a text.
    public mutating func add(_ text: String) {
        add(UInt32(truncatingIfNeeded: text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Adds bytes behind their count.
    public mutating func add(_ data: [UInt8]) {
        add(UInt32(truncatingIfNeeded: data.count))
        bytes.append(contentsOf: data)
    }

    /// Adds a list of texts.
    public mutating func add(_ list: [String]) {
        add(UInt32(truncatingIfNeeded: list.count))
        for text in list { add(text) }
    }
}

/// Takes a payload apart. Every length is checked against what is there.
public struct PayloadReader {
    private var rest: ArraySlice<UInt8>

    /// A reader of a payload.
    public init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// What was not read yet.
    public var remaining: Int { rest.count }

    /// Reads a number of as many bytes as its type has.
    public mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type = Number.self
    ) throws(FrameError) -> Number {
        let count = Number.bitWidth / 8
        guard rest.count >= count else { throw .malformed }
        var value: Number = 0
        for index in 0..<count {
            value |= Number(truncatingIfNeeded: rest[rest.startIndex + index]) << Number(index * 8)
        }
        rest = rest.dropFirst(count)
        return value
    }

    /// Reads a text.
    public mutating func text() throws(FrameError) -> String {
        let count = Int(try number(UInt32.self))
        guard rest.count >= count else { throw .malformed }
        let text = String(decoding: rest.prefix(count), as: UTF8.self)
        rest = rest.dropFirst(count)
        return text
    }

    /// Reads bytes behind their count.
    public mutating func data() throws(FrameError) -> [UInt8] {
        let count = Int(try number(UInt32.self))
        guard rest.count >= count else { throw .malformed }
        let data = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        return data
    }

    /// Reads a list of texts.
    public mutating func list() throws(FrameError) -> [String] {
        let count = Int(try number(UInt32.self))
        // Each text takes four bytes at least.
        guard count <= rest.count / 4 else { throw .malformed }
        var list: [String] = []
        list.reserveCapacity(count)
        for _ in 0..<count { list.append(try text()) }
        return list
    }
}
