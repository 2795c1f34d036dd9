internal import Compression

/// Why the content of an initramfs is not known.
public enum InitramfsError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownForm
    case truncated

    public var description: String {
        switch self {
        case .unknownForm: "it is neither a newc archive nor compressed by gzip, zstd or xz"
        case .truncated: "it ends too early"
        }
    }
}

/// Reads the names in one cpio archive of the `newc` form (Linux, "initramfs buffer format").
struct CPIOReader<Source: ByteSource> {
    private static var headerLength: Int { 110 }
    private static var nameLimit: Int { 4096 }

    private var source: Source
    /// How many bytes were read; the archive ends at a multiple of 4.
    private(set) var position = 0

    init(_ source: Source) {
        self.source = source
    }

    /// Whether bytes begin such an archive; the second form has checksums.
    static func isArchive(_ start: some Collection<UInt8>) -> Bool {
        start.starts(with: "070701".utf8) || start.starts(with: "070702".utf8)
    }

    /// The next entry's name; nil at the archive's end.
    mutating func next() throws -> String? {
        let header = try read(Self.headerLength)
        guard Self.isArchive(header) else { throw InitramfsError.unknownForm }
        // The seventh field is the content's length, the twelfth the name's.
        let size = try Self.field(6, of: header)
        let nameLength = try Self.field(11, of: header)
        guard (1...Self.nameLimit).contains(nameLength) else { throw InitramfsError.unknownForm }
        let name = String(decoding: try read(nameLength).dropLast(), as: UTF8.self)
        try pass(-position & 3)
        try pass(size + (-size & 3))
        return name == "TRAILER!!!" ? nil : name
    }

    private static func field(_ index: Int, of header: [UInt8]) throws(InitramfsError) -> Int {
        let digits = header[(6 + index * 8)...].prefix(8)
        guard let value = Int(String(decoding: digits, as: UTF8.self), radix: 16), value >= 0 else {
            throw .unknownForm
        }
        return value
    }

    private mutating func read(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = try bytes.withUnsafeMutableBytes { try source.fill($0) }
        guard got == count else { throw InitramfsError.truncated }
        position += count
        return bytes
    }

    private mutating func pass(_ count: Int) throws {
        guard try source.skip(Int64(count)) == Int64(count) else { throw InitramfsError.truncated }
        position += count
    }
}
