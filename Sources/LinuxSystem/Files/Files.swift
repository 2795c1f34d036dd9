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
        try TreeRemoval.remove(RawName(path.string.utf8), in: AT_FDCWD)
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
