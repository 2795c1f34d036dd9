internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A path of the host that a user gave, made independent of the current directory and checked.
enum HostPath {
    /// The path without links and dots; what is there must be of this kind and open to us.
    static func resolve(
        _ text: String, kind: FileKind, writable: Bool
    ) throws(RequestError) -> FilePath {
        let path = try real(text)
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(text) }
        guard FileKind(mode: status.st_mode) == kind else {
            throw .unusableFile(text, reason: kind == .directory ? "not a directory" : "not a regular file")
        }
        let access = (kind == .directory ? X_OK : 0) | R_OK | (writable ? W_OK : 0)
        guard Glibc.access(path, access) == 0 else { throw failure(text) }
        return FilePath(path)
    }

    /// The path of a file that is not there yet; nil when something is.
    static func missing(_ text: String) throws(RequestError) -> FilePath? {
        var status = stat()
        if lstat(text, &status) == 0 { return nil }
        guard errno == ENOENT else { throw failure(text) }
        let path = FilePath(text)
        guard let name = path.lastComponent else { throw .unusableFile(text, reason: "not the name of a file") }
        let parent = path.removingLastComponent()
        let directory = try resolve(parent.isEmpty ? "." : parent.string, kind: .directory, writable: true)
        return directory.appending(name)
    }

    private static func real(_ text: String) throws(RequestError) -> String {
        guard let resolved = realpath(text, nil) else { throw failure(text) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func failure(_ text: String) -> RequestError {
        .unusableFile(text, reason: String(cString: strerror(errno)))
    }
}
