internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A directory that is written to by paths from a stranger. The kernel keeps every walk inside (openat2(2)), following the
/// links that the stranger has put there, with this directory as "/".
final class AnchoredDirectory {
    let path: FilePath
    private let root: OwnedDescriptor
    private let rootPath: [UInt8]
    /// The parent of the last entry: archives list directory by directory.
    private var last: DirectoryHandle?

    init(_ path: FilePath) throws(SystemError) {
        self.path = path
        root = try OwnedDescriptor(opening: path, .readOnly, options: [.directory])
        rootPath = try Self.place(of: root.raw)
    }

    /// An open directory below the root.
    final class DirectoryHandle: Sendable {
        /// As it was asked for.
        let path: LayerPath
        /// Where it really is: without any link on the way.
        let canonical: LayerPath
        let descriptor: OwnedDescriptor
        var raw: Int32 { descriptor.raw }

        init(_ path: LayerPath, _ canonical: LayerPath, _ descriptor: consuming OwnedDescriptor) {
            self.path = path
            self.canonical = canonical
            self.descriptor = descriptor
        }
    }

    /// Opens a directory; nil where there is nothing.
    /// - Parameter followsLast: whether the last component may be a link; those before it always may.
    func open(_ path: LayerPath, followsLast: Bool = true) throws(SystemError) -> DirectoryHandle? {
        if let last, followsLast, last.path == path { return last }
        let flags = followsLast ? O_RDONLY | O_DIRECTORY : O_RDONLY | O_DIRECTORY | O_NOFOLLOW
        let number = RawName(path.bytes).withCString { clinux_open_in_root(root.raw, $0, flags, 0) }
        guard number >= 0 else {
            if errno == ENOENT { return nil }
            throw SystemError("open", path.description)
        }
        let descriptor = OwnedDescriptor(owning: number)
        let place = try Self.place(of: descriptor.raw)
        let handle = DirectoryHandle(path, LayerPath(below: place.dropFirst(rootPath.count)), descriptor)
        last = handle
        return handle
    }

    /// Opens a directory in another one, without a look at the whole path; nil where the name is a link or no directory.
    func openChild(_ name: RawName, of parent: DirectoryHandle) throws(SystemError) -> DirectoryHandle? {
        let number = name.withCString { openat(parent.raw, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        let path = parent.canonical.appending(name)
        guard number >= 0 else {
            if errno == ENOTDIR || errno == ELOOP { return nil }
            throw SystemError("open", path.description)
        }
        return DirectoryHandle(path, path, OwnedDescriptor(owning: number))
    }

    /// As `open`, nil too where the path leads to or through something that is no directory.
    func openIfDirectory(_ path: LayerPath, followsLast: Bool = true) throws(SystemError) -> DirectoryHandle? {
        do {
            return try open(path, followsLast: followsLast)
        } catch {
            if error.errno == .notDirectory || error.errno == .tooManySymbolicLinkLevels { return nil }
            throw error
        }
    }

    /// Opens the directory that has this canonical path; nil where something else has it now.
    func openExactly(_ path: LayerPath) throws(SystemError) -> OwnedDescriptor? {
        try root.openDirectory(beneath: path)
    }

    /// Takes all extended attributes from the directory itself.
    func clearAttributes() throws(SystemError) {
        guard clinux_clear_attributes(root.raw) == 0 else { throw SystemError("clear attributes of", path.string) }
    }

    /// What went with a name.
    enum Removed {
        case nothing, file
        /// A directory, with all that was in it.
        case directory(LayerPath)
    }

    /// Removes a name, whatever it is, and everything below it.
    func remove(_ name: RawName, in directory: DirectoryHandle) throws(SystemError) -> Removed {
        defer { forget() }
        if name.withCString({ unlinkat(directory.raw, $0, 0) }) == 0 { return .file }
        if errno == ENOENT { return .nothing }
        try TreeRemoval.remove(name, in: directory.raw)
        return .directory(directory.canonical.appending(name))
    }

    /// After something was removed, the same path may lead elsewhere.
    func forget() {
        last = nil
    }

    /// Opens a directory and makes what is missing of it, at the far end of links too; `made` is told of each that was made.
    func openMaking(_ path: LayerPath, made: (LayerPath) -> Void) throws(SystemError) -> DirectoryHandle {
        try openMaking(path, links: 0, made)
    }

    private func openMaking(
        _ path: LayerPath, links: Int, _ made: (LayerPath) -> Void
    ) throws(SystemError) -> DirectoryHandle {
        if let handle = try open(path) { return handle }
        guard let name = path.name else { throw SystemError("open", path.description, errno: ENOENT) }
        let parent = try openMaking(path.parent, links: links, made)
        if name.withCString({ mkdirat(parent.raw, $0, 0o755) }) == 0 {
            made(parent.canonical.appending(name))
        } else {
            guard errno == EEXIST else { throw SystemError("create directory", path.description) }
            // A link to what is not there: another layer may have it.
            guard let target = Self.linkTarget(name, in: parent.raw) else {
                throw SystemError("create directory", path.description, errno: ENOTDIR)
            }
            guard links < 40 else { throw SystemError("create directory", path.description, errno: ELOOP) }
            return try openMaking(parent.canonical.following(target), links: links + 1, made)
        }
        guard let handle = try open(path) else { throw SystemError("open", path.description, errno: ENOENT) }
        return handle
    }

    private static func linkTarget(_ name: RawName, in directory: Int32) -> [UInt8]? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = name.withCString { readlinkat(directory, $0, &buffer, buffer.count) }
        return count > 0 ? buffer[..<count].map { UInt8(bitPattern: $0) } : nil
    }

    /// Where the kernel says that an open directory is.
    private static func place(of descriptor: Int32) throws(SystemError) -> [UInt8] {
        guard let place = linkTarget(RawName("/proc/self/fd/\(descriptor)".utf8), in: AT_FDCWD) else {
            throw SystemError("read link", "/proc/self/fd/\(descriptor)")
        }
        return place
    }
}

extension OwnedDescriptor {
    /// Opens a directory below this one; nil where there is none, or only through a link.
    borrowing func openDirectory(beneath path: LayerPath) throws(SystemError) -> OwnedDescriptor? {
        let number = RawName(path.bytes).withCString { clinux_open_directory_beneath(raw, $0) }
        if number >= 0 { return OwnedDescriptor(owning: number) }
        guard errno == ENOENT || errno == ENOTDIR || errno == ELOOP else {
            throw SystemError("open", path.description)
        }
        return nil
    }
}
