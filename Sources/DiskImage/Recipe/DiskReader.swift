internal import Glibc
public import LinuxSystem
public import Machine
public import SystemPackage

/// The first MiB of a disk in a file, whatever the file's form is.
public struct DiskReader: Sendable {
    /// The file.
    public let path: FilePath
    /// Its form.
    public let format: Drive.Format
    /// The size that a machine sees, in bytes.
    public let size: UInt64
    private let start: [UInt8]

    /// Opens a regular file.
    public init(_ path: FilePath) throws {
        let file = try OwnedDescriptor(opening: path, .readOnly)
        let status = try file.status()
        guard status.kind == .regular else {
            throw DiskImageError.notADisk(path.string, reason: "it is no regular file")
        }
        self.path = path
        let head = try Self.read(file, at: 0, count: min(Int(status.size), 512), path)
        if head.starts(with: [0x51, 0x46, 0x49, 0xFB]) {
            let image = try QCOW2(header: head, path: path.string)
            format = .qcow2
            size = image.virtualSize
            start = try image.read(from: file, count: 1 << 20)
        } else {
            format = .raw
            size = UInt64(status.size)
            start = try Self.read(file, at: 0, count: min(Int(status.size), 1 << 20), path)
        }
    }

    /// Its partition table.
    public func partitionTable() throws -> PartitionTable {
        do {
            return try PartitionTable(primary: start)
        } catch {
            throw DiskImageError.notADisk(path.string, reason: error.description)
        }
    }

    /// What it says of its making; nil for a disk that bcvk has not made.
    public var description: DiskDescription? {
        let offset = Int(DiskDescription.offset)
        guard start.count > offset else { return nil }
        return DiskDescription(Array(start[offset..<min(start.count, offset + DiskDescription.limit)]))
    }

    /// Who has it open for writing, as far as locks tell; nil where nobody has.
    public static func user(of path: FilePath) throws(SystemError) -> String? {
        let file = try OwnedDescriptor(opening: path, .readOnly)
        // bcvk's own machines hold the whole file's lock.
        if flock(file.raw, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK { return "a machine of bcvk" }
        // QEMU locks single bytes from 100 on, for what it does and what it lets nobody else do.
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = 100
        lock.l_len = 200
        guard fcntl(file.raw, Self.queryLock, &lock) == 0 else { return nil }
        return lock.l_type == Int16(F_UNLCK) ? nil : "a virtual machine"
    }

    /// F_OFD_GETLK, which Glibc's module leaves out.
    private static let queryLock: Int32 = 36

    private static func read(
        _ file: borrowing OwnedDescriptor, at offset: Int, count: Int, _ path: FilePath
    ) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = bytes.withUnsafeMutableBytes { pread(file.raw, $0.baseAddress, count, off_t(offset)) }
        guard got >= 0 else { throw SystemError("read", path.string) }
        return Array(bytes[..<got])
    }
}
