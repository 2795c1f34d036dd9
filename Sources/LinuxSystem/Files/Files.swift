internal import CLinux
internal import Glibc
public import SystemPackage

/// Whole-file operations on the host's own paths.
public enum Files {
    /// A file's bytes; more than `limit` is EFBIG.
    public static func readWhole(_ path: FilePath, limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
        try OwnedDescriptor(opening: path, .readOnly).readToEnd(limit: limit, subject: path.string)
    }

    /// As `readWhole`, nil where there is no such file.
    public static func readIfPresent(_ path: FilePath, limit: Int = 64 << 20) throws(SystemError) -> [UInt8]? {
        do {
            return try readWhole(path, limit: limit)
        } catch  where error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory {
            return nil
        }
    }

    /// Writes beside the path and renames: readers see the old content or the new, never a part.
    public static func writeAtomically(
        _ bytes: some ContiguousBytesLike, to path: FilePath, mode: UInt32 = 0o600
    ) throws(SystemError) {
        var temporary = Array("\(path.string).XXXXXX".utf8CString)
        let number = clinux_temporary_file(&temporary)
        guard number >= 0 else { throw SystemError("create", path.string) }
        let file = OwnedDescriptor(owning: number)
        do throws(SystemError) {
            try file.writeAll(bytes, subject: path.string)
            guard fchmod(file.raw, mode) == 0 else { throw SystemError("set mode of", path.string) }
            guard rename(temporary, path.string) == 0 else { throw SystemError("rename to", path.string) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Creates the directory and its missing parents, the missing ones all with this mode.
    public static func createDirectories(_ path: FilePath, mode: UInt32 = 0o700) throws(SystemError) {
        if mkdir(path.string, mode) == 0 { return }
        let failure = errno
        if failure == ENOENT, path.removingLastComponent() != path, !path.removingLastComponent().isEmpty {
            try createDirectories(path.removingLastComponent(), mode: mode)
            if mkdir(path.string, mode) == 0 { return }
        }
        var status = stat()
        if stat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
        throw SystemError("create directory", path.string, errno: failure == EEXIST ? ENOTDIR : failure)
    }

    /// Removes a directory with everything in it, following no link. What is not there is no error.
    public static func removeTree(_ path: FilePath) throws(SystemError) {
        if unlink(path.string) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw SystemError("remove", path.string) }
        try RootDirectoryRemoval.remove(path.string, in: AT_FDCWD)
    }

    /// Whether the path exists, links followed.
    public static func exists(_ path: FilePath) -> Bool {
        access(path.string, F_OK) == 0
    }

    /// Whether the path is a regular file that this process may execute.
    public static func isExecutable(_ path: FilePath) -> Bool {
        var status = stat()
        return stat(path.string, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path.string, X_OK) == 0
    }
}

/// Recursive removal by descriptors: a directory that is swapped for a link on the way leads nowhere.
private enum RootDirectoryRemoval {
    static func remove(_ name: String, in parent: Int32) throws(SystemError) {
        let number = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard number >= 0, let stream = fdopendir(number) else {
            let failure = SystemError("remove", name)
            if number >= 0 { close(number) }
            if failure.errno == .noSuchFileOrDirectory { return }
            throw failure
        }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let child = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if child == "." || child == ".." { continue }
            if unlinkat(dirfd(stream), child, 0) == 0 || errno == ENOENT { continue }
            guard errno == EISDIR || errno == EPERM else { throw SystemError("remove", child) }
            try remove(child, in: dirfd(stream))
        }
        guard unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT else { throw SystemError("remove", name) }
    }
}
