internal import CLinux
internal import Glibc
public import SystemPackage

/// A file descriptor with one owner, closed when the owner goes away.
public struct OwnedDescriptor: ~Copyable, Sendable {
    /// The number, valid as long as this value lives.
    public let raw: Int32

    /// Takes over an open descriptor.
    public init(owning raw: Int32) {
        self.raw = raw
    }

    /// Opens a path of the host, closed on exec. `mode` counts only with O_CREAT.
    public init(
        opening path: FilePath, _ access: FileDescriptor.AccessMode, options: FileDescriptor.OpenOptions = [],
        mode: FilePermissions = .ownerReadWrite
    ) throws(SystemError) {
        do {
            raw = try FileDescriptor.open(path, access, options: options.union(.closeOnExec), permissions: mode)
                .rawValue
        } catch let failure as Errno {
            throw SystemError("open", path.string, errno: failure.rawValue)
        } catch {
            throw SystemError("open", path.string, errno: EIO)
        }
    }

    /// Makes a file without a name on the file system of a directory: it goes with its last descriptor.
    public init(unnamedIn directory: FilePath) throws(SystemError) {
        raw = clinux_unnamed_file(directory.string)
        guard raw >= 0 else { throw SystemError("create a file in", directory.string) }
    }

    /// Makes a file that is only memory and goes with its last descriptor.
    /// - Parameter name: shown in lists of open files.
    public init(inMemory name: String) throws(SystemError) {
        raw = clinux_memory_file(name)
        guard raw >= 0 else { throw SystemError("create in memory", name) }
    }

    deinit {
        close(raw)
    }

    /// Gives up ownership: the caller closes it.
    public consuming func release() -> Int32 {
        let number = raw
        discard self
        return number
    }

    /// Another descriptor of the same open file, closed on exec.
    public func duplicate() throws(SystemError) -> OwnedDescriptor {
        let copy = fcntl(raw, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw SystemError("duplicate", "descriptor \(raw)") }
        return OwnedDescriptor(owning: copy)
    }

    /// Lets calls on the open file fail (EAGAIN) rather than wait.
    public func setNonBlocking() throws(SystemError) {
        let flags = fcntl(raw, F_GETFL)
        guard flags >= 0, fcntl(raw, F_SETFL, flags | O_NONBLOCK) >= 0 else {
            throw SystemError("set mode of", "descriptor \(raw)")
        }
    }

    /// A borrowed view for swift-system's calls; it must not outlive this value.
    public var borrowed: FileDescriptor { FileDescriptor(rawValue: raw) }

    /// Status of the open file.
    public func status() throws(SystemError) -> FileStatus {
        var status = clinux_status()
        guard clinux_status_of(raw, &status) == 0 else { throw SystemError("stat", "descriptor \(raw)") }
        return FileStatus(status)
    }

    /// Reads at most `limit` bytes up to the end of the file; more is EFBIG.
    public func readToEnd(limit: Int, subject: String) throws(SystemError) -> [UInt8] {
        let expected = try status()
        if expected.kind == .regular, expected.size > Int64(limit) {
            throw SystemError("read", subject, errno: EFBIG)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(limit, Int(clamping: expected.size)) + 1)
        let chunkSize = 1 << 16
        while true {
            let before = bytes.count
            var count = 0
            bytes.append(contentsOf: repeatElement(0, count: chunkSize))
            bytes.withUnsafeMutableBytes { buffer in
                repeat {
                    count = Glibc.read(raw, buffer.baseAddress?.advanced(by: before), chunkSize)
                } while count < 0
                    && errno == EINTR
            }
            guard count >= 0 else { throw SystemError("read", subject) }
            bytes.removeLast(chunkSize - count)
            if count == 0 { return bytes }
            if bytes.count > limit { throw SystemError("read", subject, errno: EFBIG) }
        }
    }

    /// Writes all bytes.
    public func writeAll(_ bytes: some ContiguousBytesLike, subject: String) throws(SystemError) {
        var failure: SystemError?
        bytes.withBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = Glibc.write(raw, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    failure = SystemError("write", subject)
                    return
                }
                offset += count
            }
        }
        if let failure { throw failure }
    }
}

/// Bytes in one piece of memory.
public protocol ContiguousBytesLike {
    /// Calls the body with the bytes; the pointer is valid only inside it.
    func withBytes(_ body: (UnsafeRawBufferPointer) -> Void)
}

extension [UInt8]: ContiguousBytesLike {
    public func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeBytes(body)
    }
}

extension String: ContiguousBytesLike {
    public func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        Array(utf8).withUnsafeBytes(body)
    }
}
