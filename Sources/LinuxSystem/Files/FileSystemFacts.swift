internal import CLinux
internal import Glibc
public import SystemPackage

/// The file system that a path is on (statfs(2)).
public struct FileSystemFacts: Sendable, Hashable {
    /// Its kind, as mount(8) calls it; a hexadecimal number where that is not known here.
    public let kind: String
    /// Bytes that an ordinary user may still write.
    public let free: UInt64
    /// All of its bytes.
    public let size: UInt64
    /// Files that may still be made; nil where the file system has no such number.
    public let freeFiles: UInt64?

    /// Facts by their values.
    public init(kind: String, free: UInt64, size: UInt64, freeFiles: UInt64?) {
        self.kind = kind
        self.free = free
        self.size = size
        self.freeFiles = freeFiles
    }

    /// The facts of the file system on which an existing path is.
    public init(of path: FilePath) throws(SystemError) {
        var status = statvfs()
        guard statvfs(path.string, &status) == 0 else { throw SystemError("ask for free space in", path.string) }
        let number = clinux_file_system_kind(path.string)
        guard number >= 0 else { throw SystemError("ask for the file system of", path.string) }
        // The kernel hands it on as a signed number of 32 bits here, and of 64 there.
        let magic = UInt64(truncatingIfNeeded: number) & 0xFFFF_FFFF
        kind = Self.names[magic] ?? "0x" + String(magic, radix: 16)
        free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        size = UInt64(status.f_blocks) * UInt64(status.f_frsize)
        freeFiles = status.f_files > 0 ? UInt64(status.f_favail) : nil
    }

    /// Linux, include/uapi/linux/magic.h, and those of file systems that are not in it.
    private static let names: [UInt64: String] = [
        0xEF53: "ext4", 0x5846_5342: "xfs", 0x9123_683E: "btrfs", 0x794C_7630: "overlay", 0x0102_1994: "tmpfs",
        0x6969: "nfs", 0xFF53_4D42: "cifs", 0xFE53_4D42: "smb2", 0x6573_5546: "fuse", 0x4D44: "vfat",
        0x2011_BAB0: "exfat", 0x5346_544E: "ntfs", 0x2FC1_2FC1: "zfs", 0x0102_1997: "9p", 0xF2F5_2010: "f2fs",
        0xCA45_1A4E: "bcachefs", 0x7371_7368: "squashfs", 0xE0F5_E1E2: "erofs", 0x5265_4973: "reiserfs",
        0x8584_58F6: "ramfs", 0x3153_464A: "jfs",
    ]
}
