internal import CLinux
internal import Glibc

/// What kind of thing a name stands for (`st_mode & S_IFMT`).
public enum FileKind: Sendable, Hashable {
    case regular, directory, symbolicLink, characterDevice, blockDevice, fifo, socket

    /// nil for a mode without a known type.
    public init?(mode: UInt32) {
        switch mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .directory
        case S_IFLNK: self = .symbolicLink
        case S_IFCHR: self = .characterDevice
        case S_IFBLK: self = .blockDevice
        case S_IFIFO: self = .fifo
        case S_IFSOCK: self = .socket
        default: return nil
        }
    }
}

/// A point in time as file systems keep it, since the epoch.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Whole seconds, negative before 1970.
    public var seconds: Int64
    /// 0 … 999,999,999, counted forward from `seconds`.
    public var nanoseconds: Int64

    /// A time from its two parts.
    public init(seconds: Int64, nanoseconds: Int64 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

/// What stat(2) tells of a file.
public struct FileStatus: Sendable, Hashable {
    /// What kind of file it is.
    public let kind: FileKind
    /// Permission, setuid, setgid and sticky bits (07777).
    public let mode: UInt32
    /// Numeric user id.
    public let owner: UInt32
    /// Numeric group id.
    public let group: UInt32
    /// Length in bytes.
    public let size: Int64
    /// Bytes taken on disk.
    public let allocated: Int64
    /// When the content last changed.
    public let modified: Timestamp
    /// The file system's device number.
    public let device: UInt64
    /// The inode's number.
    public let inode: UInt64
    /// How many names the inode has.
    public let links: UInt64
    /// For device nodes: which device.
    public let specialDevice: UInt64

    init(_ status: clinux_status) {
        kind = FileKind(mode: status.mode) ?? .regular
        mode = status.mode & 0o7777
        owner = status.owner
        group = status.group
        size = status.size
        allocated = status.blocks * 512
        modified = Timestamp(seconds: status.modified_seconds, nanoseconds: status.modified_nanoseconds)
        device = status.device
        inode = status.inode
        links = status.links
        specialDevice = status.special_device
    }
}
