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
            for (index, byte) in bytes.enumerated() { buffer[index] = CChar(bitPattern: byte) }
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
}

extension OwnedDescriptor {
    /// The names in this open directory, in the order in which the file system has them, without "." and "..".
    public func rawEntries(subject: String) throws(SystemError) -> [RawEntry] {
        // A descriptor of its own: the stream takes it over, and the position is its own.
        let number = openat(raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0, let stream = fdopendir(number) else {
            let failure = SystemError("list", subject)
            if number >= 0 { close(number) }
            throw failure
        }
        defer { closedir(stream) }
        var found: [RawEntry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if bytes == [0x2E] || bytes == [0x2E, 0x2E] { continue }
            let name = RawName(bytes)
            var kind = FileKind(mode: UInt32(entry.pointee.d_type) << 12)
            if kind == nil {
                var status = stat()
                if name.withCString({ fstatat(raw, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 {
                    kind = FileKind(mode: status.st_mode)
                }
            }
            if let kind { found.append(RawEntry(name: name, kind: kind)) }
        }
        guard errno == 0 else { throw SystemError("list", subject) }
        return found
    }
}
