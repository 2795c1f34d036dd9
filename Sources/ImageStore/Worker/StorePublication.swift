internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Making finished work visible: it is there whole, or not at all.
enum StorePublication {
    /// Moves a finished directory to its final name; when somebody else has put the same there, ours is removed.
    static func publish(_ place: FilePath, as final: FilePath, directory: borrowing OwnedDescriptor) throws {
        guard clinux_sync_file_system(directory.raw) == 0 else { throw SystemError("sync", place.string) }
        if clinux_rename_new(place.string, final.string) == 0 { return }
        guard errno == EEXIST || errno == ENOTEMPTY else { throw SystemError("rename to", final.string) }
        try Files.removeTree(place)
    }
}

/// A directory below the store's temporary one.
struct TemporaryDirectory {
    let path: FilePath

    init(in parent: FilePath, name: String) throws(SystemError) {
        var pattern = Array("\(parent.appending(name).string)-XXXXXX".utf8CString)
        guard let made = mkdtemp(&pattern) else { throw SystemError("create directory", parent.string) }
        path = FilePath(String(cString: made))
    }

    func remove() throws(SystemError) {
        try Files.removeTree(path)
    }
}
