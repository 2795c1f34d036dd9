/// One partition of a disk.
public struct Partition: Hashable, Sendable {
    /// What it is for.
    public var type: PartitionType
    /// Its own identifier, which Linux calls PARTUUID.
    public var id: GUID
    /// Its name, at most 36 UTF-16 units.
    public var name: String
    /// Its sectors; the last one belongs to it.
    public var sectors: ClosedRange<UInt64>
    /// Attribute bits (UEFI specification, 5.3.3).
    public var attributes: UInt64

    /// A partition of these sectors.
    public init(type: PartitionType, id: GUID, name: String, sectors: ClosedRange<UInt64>, attributes: UInt64 = 0) {
        self.type = type
        self.id = id
        self.name = name
        self.sectors = sectors
        self.attributes = attributes
    }

    /// Where it begins, in bytes.
    public var offset: UInt64 { sectors.lowerBound * PartitionTable.sectorSize }
    /// How long it is, in bytes.
    public var size: UInt64 { UInt64(sectors.count) * PartitionTable.sectorSize }
    /// That systemd grows its file system to the partition's size (Discoverable Partitions Specification).
    public static let growsFileSystem: UInt64 = 1 << 59
}

/// A GUID partition table (UEFI specification, 5.3) for sectors of 512 bytes.
public struct PartitionTable: Hashable, Sendable {
    /// Bytes in a sector.
    public static let sectorSize: UInt64 = 512
    /// Entries in the table; fewer than 128 are not allowed.
    static let entryCount = 128
    /// Bytes of an entry.
    static let entrySize = 128
    /// Sectors that all entries take.
    static let entrySectors = UInt64(entryCount * entrySize) / sectorSize

    /// The disk's identifier.
    public var id: GUID
    /// How many sectors the disk has.
    public var sectorCount: UInt64
    /// The partitions; their places in the table are those in the array.
    public var partitions: [Partition]

    /// A table of these partitions.
    public init(id: GUID, sectorCount: UInt64, partitions: [Partition]) {
        self.id = id
        self.sectorCount = sectorCount
        self.partitions = partitions
    }

    /// The sectors that partitions may have: between the two copies of the table.
    static func usableSectors(of sectorCount: UInt64) -> ClosedRange<UInt64> {
        (2 + entrySectors)...(sectorCount - 2 - entrySectors)
    }

    /// The first partition of a type.
    public func first(_ type: PartitionType) -> Partition? { partitions.first { $0.type == type } }

    /// The first root partition, of whatever architecture.
    public var root: Partition? {
        partitions.first {
            if case .root = $0.type { true } else { false }
        }
    }
}
