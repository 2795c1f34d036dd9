internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A directory that is written to by paths from a stranger. The kernel keeps every walk inside (openat2(2)), following the
/// links that the stranger has put there, with this directory as "/".
final class AnchoredDirectory {
    let path: FilePath
    private let root: OwnedDescriptor
    /// The parent of the last entry: archives list directory by directory.
    private var lastParent: (path: LayerPath, descriptor: DirectoryHandle)?

    init(_ path: FilePath) throws(SystemError) {
        self.path = path
        root = try OwnedDescriptor(opening: path, .readOnly, options: [.directory])
    }

    /// An open directory below the root.
    final class DirectoryHandle {
        let descriptor: OwnedDescriptor
        var raw: Int32 { descriptor.raw }
        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    }

    /// Opens a directory; nil where there is nothing.
    func open(_ path: LayerPath) throws(SystemError) -> DirectoryHandle? {
        if let lastParent, lastParent.path == path { return lastParent.descriptor }
        let number = RawName(path.bytes).withCString {
            clinux_open_in_root(root.raw, $0, O_RDONLY | O_DIRECTORY, 0)
        }
        guard number >= 0 else {
            if errno == ENOENT { return nil }
            throw SystemError("open", path.description)
        }
        let handle = DirectoryHandle(OwnedDescriptor(owning: number))
        lastParent = (path, handle)
        return handle
    }

    /// After something was removed, the same path may lead elsewhere.
    func forget() {
        lastParent = nil
    }

    /// Opens a directory and makes what is missing of it; `made` is told of each that was made.
    func openMaking(_ path: LayerPath, made: (LayerPath) -> Void) throws(SystemError) -> DirectoryHandle {
        if let handle = try open(path) { return handle }
        guard let name = path.name else { throw SystemError("open", path.description, errno: ENOENT) }
        let parent = try openMaking(path.parent, made: made)
        guard name.withCString({ mkdirat(parent.raw, $0, 0o755) }) == 0 else {
            throw SystemError("create directory", path.description)
        }
        made(path)
        guard let handle = try open(path) else { throw SystemError("open", path.description, errno: ENOENT) }
        return handle
    }

    /// Removes whatever has a name in an open directory, with everything below it.
    static func remove(_ name: RawName, in directory: Int32) throws(SystemError) {
        if name.withCString({ unlinkat(directory, $0, 0) }) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw SystemError("remove", name.description) }
        let number = name.withCString { openat(directory, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        guard number >= 0 else { throw SystemError("remove", name.description) }
        let child = OwnedDescriptor(owning: number)
        for entry in try child.rawEntries(subject: name.description) { try remove(entry.name, in: child.raw) }
        guard name.withCString({ unlinkat(directory, $0, AT_REMOVEDIR) }) == 0 else {
            throw SystemError("remove", name.description)
        }
    }
}
