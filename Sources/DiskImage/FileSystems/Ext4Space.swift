public import Machine

/// How much room an ext4 file system takes beside what it holds.
public enum Ext4Space {
    /// One inode for so many bytes, as mke2fs(8) has it by default.
    static let bytesPerInode: UInt64 = 16_384
    /// What a system can do its first start with.
    static let headroom = ByteSize(mebibytes: 96)

    /// The smallest file system in which a tree is put and then boots.
    public static func need(_ survey: TreeSurvey, extra: ByteSize) -> ByteSize {
        let content = survey.blocks * 4096 + extra.bytes
        // Inode tables take a sixty-fourth (256 bytes for each 16 KiB), bitmaps and descriptors far less.
        let tables = max(content / 32, inodes(survey, size: content) * 256)
        let bytes = content + tables + headroom.bytes
        return ByteSize(mebibytes: ByteSize(bytes: bytes + journal(bytes) + resizeReserve).mebibytes)
    }

    /// How many inodes a file system of a size gets: for trees of many small files more than by default.
    package static func inodes(_ survey: TreeSurvey, size: UInt64) -> UInt64 {
        max(size / bytesPerInode, survey.entries + survey.entries / 4 + 1024)
    }

    /// Descriptors kept free in a few groups, so that the file system can grow.
    private static let resizeReserve: UInt64 = 32 << 20

    /// The journal's size as mke2fs chooses it, in bytes.
    private static func journal(_ size: UInt64) -> UInt64 {
        switch size >> 30 {
        case 0: 16 << 20
        case 1: 32 << 20
        case ..<16: 64 << 20
        case ..<32: 128 << 20
        case ..<64: 256 << 20
        default: 1 << 30
        }
    }
}
