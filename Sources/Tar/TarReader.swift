public import Compression

/// Reads a tar archive from a stream, entry after entry, in bounded memory.
///
/// Understood are ustar, GNU tar with long names, base-256 numbers and sparse files, and PAX with attributes, nanoseconds and
/// sparse files of the versions 0.0, 0.1 and 1.0. A size in a PAX header holds for both reading and skipping.
public struct TarReader {
    /// The longest extended header that is taken: names are at most 4 KiB, attributes at most 64 KiB each.
    static let headerLimit: Int64 = 4 << 20

    private var source: any ByteSource
    private var unread: Int64 = 0
    private var padding: Int64 = 0
    private var global: PAXHeader?
    private var last = ""
    /// Bytes of the archive that were consumed, up to the entry's content after `next`.
    public private(set) var position: Int64 = 0

    /// An archive that begins at the stream's next byte.
    public init(_ source: any ByteSource) {
        self.source = source
    }

    /// The next entry, or nil at the archive's end. What was not read of the last one is passed over.
    public mutating func next() throws -> TarEntry? {
        try skipContent()
        var longName: [UInt8]?
        var longLink: [UInt8]?
        var extended: PAXHeader?
        while let header = try readHeader() {
            switch header.type {
            case UInt8(ascii: "L"): longName = try readText(header)
            case UInt8(ascii: "K"): longLink = try readText(header)
            case UInt8(ascii: "x"), UInt8(ascii: "X"): extended = try readExtended(header)
            case UInt8(ascii: "g"): global = try readExtended(header)
            default:
                var entry = try TarEntryBuilder(header: header, longName: longName, longLink: longLink, last: last)
                    .entry()
                try PAXApplication.apply(extended, global: global, to: &entry)
                last = entry.name
                unread = entry.storedSize
                padding = Self.padding(entry.storedSize)
                try readSparseMaps(header, &entry)
                return entry
            }
        }
        guard longName == nil, longLink == nil, extended == nil else { throw TarError.truncated(after: last) }
        return nil
    }

    /// Reads the content of the last entry, piece by piece, as `ByteSource` does; no bytes mean its end.
    public mutating func read(through buffer: UnsafeMutableRawBufferPointer) throws -> UnsafeRawBufferPointer {
        guard unread > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let space = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(unread, Int64(buffer.count)))])
        let piece = try source.read(through: space)
        guard !piece.isEmpty else { throw TarError.truncated(after: last) }
        unread -= Int64(piece.count)
        position += Int64(piece.count)
        return piece
    }

    /// Reads the stream behind the archive to its end, so that whoever hashes it has seen everything.
    public mutating func drain() throws {
        while try source.skip(1 << 30) > 0 {}
    }

    // MARK: Blocks

    private mutating func skipContent() throws {
        let left = unread + padding
        unread = 0
        padding = 0
        guard left > 0 else { return }
        guard try source.skip(left) == left else { throw TarError.truncated(after: last) }
        position += left
    }

    private mutating func readHeader() throws -> TarHeader? {
        try skipContent()
        guard let block = try readBlock() else { return nil }
        let header = TarHeader(bytes: block)
        // Two zero blocks end an archive; one, or the end of the stream at this place, is taken for it too.
        if header.isZero { return nil }
        guard header.hasValidChecksum else { throw TarError.badChecksum(after: last) }
        return header
    }

    private mutating func readBlock() throws -> [UInt8]? {
        var block = [UInt8](repeating: 0, count: TarHeader.size)
        let count = try block.withUnsafeMutableBytes { try source.fill($0) }
        position += Int64(count)
        if count == 0 { return nil }
        guard count == TarHeader.size else { throw TarError.truncated(after: last) }
        return block
    }

    private mutating func readWhole(_ header: TarHeader) throws -> [UInt8] {
        guard let size = TarHeader.number(header.bytes[124..<136]), size >= 0 else {
            throw TarError.badNumber(field: "size", entry: last)
        }
        guard size <= Self.headerLimit else { throw TarError.tooLargeHeader(entry: last) }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        let count = try bytes.withUnsafeMutableBytes { try source.fill($0) }
        position += Int64(count)
        guard count == bytes.count else { throw TarError.truncated(after: last) }
        padding = Self.padding(size)
        return bytes
    }

    private mutating func readText(_ header: TarHeader) throws -> [UInt8] {
        Array(try readWhole(header).prefix { $0 != 0 })
    }

    private mutating func readExtended(_ header: TarHeader) throws -> PAXHeader {
        guard let extended = PAXHeader(try readWhole(header)) else { throw TarError.badExtendedHeader(entry: last) }
        return extended
    }

    private static func padding(_ size: Int64) -> Int64 {
        let over = size % Int64(TarHeader.size)
        return over == 0 ? 0 : Int64(TarHeader.size) - over
    }

    // MARK: Sparse files

    private mutating func readSparseMaps(_ header: TarHeader, _ entry: inout TarEntry) throws {
        if header.type == UInt8(ascii: "S"), header.isGNU {
            try readOldSparseMap(header, &entry)
        } else if entry.extents?.isEmpty == true, entry.kind == .file, entry.size > 0 || entry.storedSize > 0 {
            // PAX 1.0: the map stands in front of the content, as decimal lines padded to a block.
            try readSparseMapInContent(&entry)
        }
        if let extents = entry.extents {
            guard SparseMap.isValid(extents, size: entry.size, stored: unread) else {
                throw TarError.badSparseMap(entry: entry.name)
            }
            entry.storedSize = unread
        }
    }

    private mutating func readOldSparseMap(_ header: TarHeader, _ entry: inout TarEntry) throws {
        guard let size = TarHeader.number(header.bytes[483..<495]), size >= 0 else {
            throw TarError.badNumber(field: "real size", entry: entry.name)
        }
        var extents: [TarExtent] = []
        guard try SparseMap.append(header.bytes[386..<482], to: &extents) else {
            throw TarError.badSparseMap(entry: entry.name)
        }
        var isExtended = header.bytes[482] != 0
        while isExtended {
            guard let block = try readBlock() else { throw TarError.truncated(after: entry.name) }
            guard try SparseMap.append(block[0..<504], to: &extents), extents.count <= SparseMap.limit else {
                throw TarError.badSparseMap(entry: entry.name)
            }
            isExtended = block[504] != 0
        }
        entry.size = size
        entry.extents = extents
    }

    private mutating func readSparseMapInContent(_ entry: inout TarEntry) throws {
        var numbers: [Int64] = []
        var digits: [UInt8] = []
        while true {
            guard unread >= Int64(TarHeader.size), let block = try readBlock() else {
                throw TarError.badSparseMap(entry: entry.name)
            }
            unread -= Int64(TarHeader.size)
            for byte in block {
                guard byte == 0x0A else {
                    // No number is longer: without this, content without a line's end would all be kept in memory.
                    guard digits.count < 20 else { throw TarError.badSparseMap(entry: entry.name) }
                    digits.append(byte)
                    continue
                }
                guard let number = PAXValue.integer(digits[...]) else { throw TarError.badSparseMap(entry: entry.name) }
                numbers.append(number)
                digits = []
                guard let count = numbers.first, count <= Int64(SparseMap.limit) else {
                    throw TarError.badSparseMap(entry: entry.name)
                }
                if numbers.count == Int(count) * 2 + 1 {
                    entry.extents = stride(from: 1, to: numbers.count, by: 2).map {
                        TarExtent(offset: numbers[$0], length: numbers[$0 + 1])
                    }
                    return
                }
            }
        }
    }
}
