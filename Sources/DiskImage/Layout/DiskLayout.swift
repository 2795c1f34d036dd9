public import Machine

/// Which firmware a disk is made for.
public enum FirmwareSupport: String, Sendable, Hashable, Codable, CaseIterable {
    case uefi, bios, both

    /// Whether UEFI boots it.
    public var hasUEFI: Bool { self != .bios }
    /// Whether BIOS boots it.
    public var hasBIOS: Bool { self != .uefi }
}

/// Where the partitions of a disk are. All begin and end at whole MiB.
public struct DiskLayout: Sendable, Hashable {
    /// The size of the EFI system partition.
    public static let efiSize = ByteSize(mebibytes: 512)
    /// The size of the partition with GRUB's core image.
    static let biosBootSize = ByteSize(mebibytes: 1)
    /// Room before the first partition and after the last, for both copies of the table.
    static let margin = ByteSize(mebibytes: 1)
    /// The smallest disk that is made when nobody asks for a size.
    static let usualSize = ByteSize(mebibytes: 4096)

    /// The disk's size.
    public let size: ByteSize
    /// What the root partition gets.
    public let rootSize: ByteSize
    private let support: FirmwareSupport

    /// - Parameters:
    ///   - size: the disk's size; nil for one that leaves as much free as the system takes.
    ///   - rootSize: the root partition's size; nil for all that is left.
    ///   - need: how much the root file system takes at least.
    public init(
        size: ByteSize?, rootSize: ByteSize?, support: FirmwareSupport, need: ByteSize
    ) throws(DiskImageError) {
        self.support = support
        let fixed = Self.margin.mebibytes * 2 + Self.firmwareMebibytes(support)
        if let rootSize, rootSize < need {
            throw .partitionTooSmall(option: "--root-size", asked: rootSize.description, needed: need.description)
        }
        let root = rootSize?.mebibytes
        let usual = max(Self.usualSize.mebibytes, fixed + (root ?? need.mebibytes * 2))
        // Part of a MiB would be of no use to a partition.
        let total = size.map { $0.bytes >> 20 } ?? usual
        let needed = fixed + (root ?? need.mebibytes)
        guard total >= needed else {
            let parts = (support.hasUEFI ? ["\(Self.efiSize) for UEFI"] : []) + ["the rest for the image"]
            throw .diskTooSmall(
                asked: (size ?? ByteSize(mebibytes: total)).description,
                needed: ByteSize(mebibytes: needed).description, why: parts.joined(separator: ", "))
        }
        self.size = ByteSize(mebibytes: total)
        self.rootSize = ByteSize(mebibytes: root ?? total - fixed)
    }

    private static func firmwareMebibytes(_ support: FirmwareSupport) -> UInt64 {
        (support.hasBIOS ? biosBootSize.mebibytes : 0) + (support.hasUEFI ? efiSize.mebibytes : 0)
    }

    /// The partition table.
    /// - Parameters:
    ///   - id: makes the identifier of a part: `disk`, `bios-boot`, `esp`, `root`.
    ///   - grows: whether systemd is told to grow the root file system to its partition.
    public func table(architecture: Architecture, grows: Bool, id: (String) -> GUID) -> PartitionTable {
        var partitions: [Partition] = []
        var start = Self.margin.mebibytes
        func add(_ type: PartitionType, _ part: String, _ size: ByteSize, attributes: UInt64 = 0) {
            let perMebibyte = (1 << 20) / PartitionTable.sectorSize
            let sectors = (start * perMebibyte)...((start + size.mebibytes) * perMebibyte - 1)
            partitions.append(
                Partition(type: type, id: id(part), name: part, sectors: sectors, attributes: attributes))
            start += size.mebibytes
        }
        if support.hasBIOS { add(.biosBoot, "bios-boot", Self.biosBootSize) }
        if support.hasUEFI { add(.efiSystem, "esp", Self.efiSize) }
        add(.root(architecture), "root", rootSize, attributes: grows ? Partition.growsFileSystem : 0)
        return PartitionTable(
            id: id("disk"), sectorCount: size.bytes / PartitionTable.sectorSize, partitions: partitions)
    }
}
