internal import CLinux
internal import Glibc
public import SystemPackage

/// A name in a directory.
public struct DirectoryEntry: Sendable, Hashable {
    /// The name, without a slash.
    public let name: String
    /// What it is; links are not followed.
    public let kind: FileKind
}

/// A directory tree with content that nobody vouches for, read from outside.
///
/// Every path is resolved by openat2(2) with this directory as "/": absolute links and ".." stay inside it, and links of
/// /proc are refused. Only regular files are opened, so that a FIFO or a device in the tree blocks nobody.
public final class RootDirectory: Sendable {
    /// Where it is on the host.
    public let path: FilePath
    private let directory: OwnedDescriptor

    /// O_PATH, which Glibc's module leaves out.
    private static let pathOnly: Int32 = 0o10000000

    /// Opens the directory.
    public init(_ path: FilePath) throws(SystemError) {
        self.path = path
        let number = open(path.string, Self.pathOnly | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw SystemError("open directory", path.string) }
        directory = OwnedDescriptor(owning: number)
    }

    /// Opens a regular file for reading; anything else is an error (EISDIR for a directory, ENOTSUP otherwise).
    public func openFile(_ path: String) throws(SystemError) -> OwnedDescriptor {
        let probe = try resolve(path, Self.pathOnly)
        let kind = try probe.status().kind
        guard kind == .regular else {
            throw SystemError("open", shown(path), errno: kind == .directory ? EISDIR : ENOTSUP)
        }
        // Reopened through the descriptor that was checked, so that nothing can be put in its place in between.
        let number = open("/proc/self/fd/\(probe.raw)", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard number >= 0 else { throw SystemError("open", shown(path)) }
        return OwnedDescriptor(owning: number)
    }

    /// A regular file's bytes; a file larger than `limit` bytes is EFBIG.
    public func readFile(_ path: String, limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
        try openFile(path).readToEnd(limit: limit, subject: shown(path))
    }

    /// As `readFile`, nil where there is no such path.
    public func readFileIfPresent(_ path: String, limit: Int = 64 << 20) throws(SystemError) -> [UInt8]? {
        do {
            return try readFile(path, limit: limit)
        } catch  where Self.isAbsence(error) {
            return nil
        }
    }

    /// Status of what the path stands for, nil where there is nothing.
    public func status(_ path: String, followLinks: Bool = true) throws(SystemError) -> FileStatus? {
        do {
            return try resolve(path, followLinks ? Self.pathOnly : Self.pathOnly | O_NOFOLLOW).status()
        } catch  where Self.isAbsence(error) {
            return nil
        }
    }

    /// The names in a directory in byte order, without "." and ".."; none where there is no such directory.
    public func entries(_ path: String) throws(SystemError) -> [DirectoryEntry] {
        let opened: OwnedDescriptor
        do {
            opened = try resolve(path, O_RDONLY | O_DIRECTORY)
        } catch  where Self.isAbsence(error) {
            return []
        }
        let number = opened.release()
        guard let stream = fdopendir(number) else {
            let failure = SystemError("list", shown(path))
            close(number)
            throw failure
        }
        defer { closedir(stream) }
        var found: [DirectoryEntry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            // dirent's type is st_mode's, shifted; DT_UNKNOWN asks for a look.
            let told = FileKind(mode: UInt32(entry.pointee.d_type) << 12)
            let looked = try told == nil ? status("\(path)/\(name)", followLinks: false)?.kind : told
            guard let kind = looked else { continue }
            found.append(DirectoryEntry(name: name, kind: kind))
        }
        guard errno == 0 else { throw SystemError("list", shown(path)) }
        return found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Where a symbolic link points, nil where there is nothing or something else.
    public func linkTarget(_ path: String) throws(SystemError) -> String? {
        guard try status(path, followLinks: false)?.kind == .symbolicLink else { return nil }
        let link = try resolve(path, Self.pathOnly | O_NOFOLLOW)
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlinkat(link.raw, "", &buffer, buffer.count - 1)
        guard count >= 0 else { throw SystemError("read link", shown(path)) }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path in this tree to which all links on a path lead; nil where there is nothing.
    public func realPath(_ path: String) throws(SystemError) -> String? {
        let place: String
        do {
            place = try Self.place(of: resolve(path, Self.pathOnly), shown(path))
        } catch  where Self.isAbsence(error) {
            return nil
        }
        let top = try Self.place(of: directory, shown("/"))
        guard place.hasPrefix(top) else { return nil }
        let inner = top == "/" ? place : String(place.dropFirst(top.count))
        return inner.isEmpty ? "/" : inner
    }

    /// Where an open file is, as the kernel sees it now.
    private static func place(
        of file: borrowing OwnedDescriptor, _ subject: String
    ) throws(SystemError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink("/proc/self/fd/\(file.raw)", &buffer, buffer.count - 1)
        guard count >= 0 else { throw SystemError("read link", subject) }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func resolve(_ path: String, _ flags: Int32) throws(SystemError) -> OwnedDescriptor {
        // The tree's own top is asked for as "/".
        let number = clinux_open_in_root(directory.raw, path.isEmpty ? "/" : path, flags, 0)
        guard number >= 0 else { throw SystemError("open", shown(path)) }
        return OwnedDescriptor(owning: number)
    }

    private func shown(_ inner: String) -> String {
        path.string + (inner.hasPrefix("/") ? inner : "/" + inner)
    }

    private static func isAbsence(_ error: SystemError) -> Bool {
        error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory
    }
}
