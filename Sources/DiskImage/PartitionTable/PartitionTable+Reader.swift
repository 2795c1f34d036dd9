/// Why bytes are no partition table.
public enum PartitionTableError: Error, Hashable, Sendable, CustomStringConvertible {
    case noTable
    case unsupported(String)
    case damaged(String)

    public var description: String {
        switch self {
        case .noTable: "it has no GUID partition table"
        case .unsupported(let what): "its partition table has \(what), which is not supported"
        case .damaged(let what): "its partition table is damaged: \(what)"
        }
    }
}

extension PartitionTable {
    /// How many bytes from a disk's start hold protective MBR, header and entries.
    public static let primaryLength = Int((2 + entrySectors) * sectorSize)

    /// Reads the table from a disk's first sectors.
    public init(primary bytes: [UInt8]) throws(PartitionTableError) {
        let size = Int(Self.sectorSize)
        guard bytes.count >= Self.primaryLength, bytes[size..<(size + 8)].elementsEqual("EFI PART".utf8) else {
            throw .noTable
        }
        var header = Array(bytes[size..<(2 * size)])
        let length = Int(header.little(UInt32.self, at: 12))
        guard (92...size).contains(length) else { throw .damaged("its header has \(length) bytes") }
        let checksum = header.little(UInt32.self, at: 16)
        header.replace(at: 16, little: UInt32(0))
        guard CRC32.iso(header[..<length]) == checksum else { throw .damaged("the header's checksum is wrong") }
        let count = Int(header.little(UInt32.self, at: 80))
        let entrySize = Int(header.little(UInt32.self, at: 84))
        let start = header.little(UInt64.self, at: 72)
        guard count <= Self.entryCount, entrySize == Self.entrySize, start == 2 else {
            throw .unsupported("\(count) entries of \(entrySize) bytes at sector \(start)")
        }
        let entries = bytes[(2 * size)..<(2 * size + count * entrySize)]
        guard CRC32.iso(entries) == header.little(UInt32.self, at: 88) else {
            throw .damaged("the entries' checksum is wrong")
        }
        id = GUID(mixedEndian: Array(header[56..<72]))
        // The backup header is the last sector.
        let last = header.little(UInt64.self, at: 32)
        guard last < .max / Self.sectorSize else { throw .damaged("its backup is at sector \(last)") }
        sectorCount = last + 1
        partitions = []
        for index in 0..<count {
            let entry = Array(bytes[(2 * size + index * entrySize)...].prefix(entrySize))
            if let partition = try Self.partition(entry, below: sectorCount) { partitions.append(partition) }
        }
    }

    private static func partition(
        _ entry: [UInt8], below end: UInt64
    ) throws(PartitionTableError) -> Partition? {
        let type = GUID(mixedEndian: Array(entry[0..<16]))
        if type == .zero { return nil }
        let (first, last) = (entry.little(UInt64.self, at: 32), entry.little(UInt64.self, at: 40))
        guard first <= last, last < end else { throw .damaged("a partition of sectors \(first) to \(last)") }
        let units = (0..<36).map { entry.little(UInt16.self, at: 56 + 2 * $0) }
        return Partition(
            type: PartitionType(type), id: GUID(mixedEndian: Array(entry[16..<32])),
            name: String(decoding: units.prefix { $0 != 0 }, as: UTF16.self), sectors: first...last,
            attributes: entry.little(UInt64.self, at: 48))
    }
}
