internal import CLinux
internal import Glibc

/// A file name as the kernel has it: bytes without zero and slash, in no promised encoding.
public struct RawName: Hashable, Sendable, CustomStringConvertible {
    /// The bytes.
    public let bytes: [UInt8]

    /// A name of these bytes.
    public init(_ bytes: some Collection<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// The name as text, for messages.
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// Calls the body with the name as a C string.
    public func withCString<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        try withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
            buffer[bytes.count] = 0
            return try body(UnsafePointer(buffer.baseAddress.unsafelyUnwrapped))
        }
    }
}

/// A name in a directory, as bytes.
public struct RawEntry: Hashable, Sendable {
    /// The name.
    public let name: RawName
    /// What it is; links are not followed.
    public let kind: FileKind
    /// The number of its inode (`d_ino`); where something is mounted, that of the directory below.
    public let inode: UInt64
}

extension OwnedDescriptor {
    /// The names in this open directory, in the order in which the file system has them, without "." and "..".
    ///
    /// The position of the descriptor is moved, so one thread at a time may ask.
    public func rawEntries(subject: @autoclosure () -> String) throws(SystemError) -> [RawEntry] {
        var found: [RawEntry] = []
        try forEachRecord(subject: subject) { record in
            let name = RawName(record.name)
            if let kind = FileKind(mode: UInt32(record.type) << 12) ?? self.kind(of: name) {
                found.append(RawEntry(name: name, kind: kind, inode: record.inode))
            }
        }
        return found
    }

    /// How many names there are, without "." and "..". The position is moved here too.
    public func entryCount(subject: @autoclosure () -> String) throws(SystemError) -> Int {
        var count = 0
        try forEachRecord(subject: subject) { _ in count += 1 }
        return count
    }

    private func forEachRecord(subject: () -> String, _ body: (DirectoryRecord) -> Void) throws(SystemError) {
        guard lseek(raw, 0, SEEK_SET) == 0 else { throw SystemError("list", subject()) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 8)
        defer { buffer.deallocate() }
        while true {
            let length = clinux_list(raw, buffer.baseAddress, buffer.count)
            guard length >= 0 else { throw SystemError("list", subject()) }
            if length == 0 { return }
            var rest = UnsafeRawBufferPointer(rebasing: buffer[..<length])
            while let record = DirectoryRecord(rest) {
                rest = UnsafeRawBufferPointer(rebasing: rest[record.length...])
                if !record.isDot { body(record) }
            }
        }
    }

    /// For file systems that do not say it with the name; nil when it is gone.
    private func kind(of name: RawName) -> FileKind? {
        var status = stat()
        guard name.withCString({ fstatat(raw, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else { return nil }
        return FileKind(mode: status.st_mode)
    }
}

/// What the kernel says of a name in a directory (getdents64(2), `struct linux_dirent64`).
private struct DirectoryRecord {
    /// The number of the file's inode.
    let inode: UInt64
    /// Bytes up to the next record.
    let length: Int
    /// The file's type as in `st_mode`, without the lower bits; 0 where the file system does not say.
    let type: UInt8
    /// The name's bytes.
    let name: UnsafeRawBufferPointer.SubSequence

    private static let lengthPlace = 16
    private static let typePlace = 18
    private static let namePlace = 19

    /// The first one in these bytes; nil when there is none.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > Self.namePlace else { return nil }
        inode = bytes.load(as: UInt64.self)
        length = Int(bytes.load(fromByteOffset: Self.lengthPlace, as: UInt16.self))
        guard length > Self.namePlace, length <= bytes.count else { return nil }
        type = bytes[Self.typePlace]
        name = bytes[Self.namePlace..<length].prefix { $0 != 0 }
    }

    /// Whether it is the directory itself, or the one above.
    var isDot: Bool {
        guard name.count <= 2 else { return false }
        return name.allSatisfy { $0 == UInt8(ascii: ".") }
    }
}
