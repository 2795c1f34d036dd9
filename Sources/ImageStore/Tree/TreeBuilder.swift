internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Puts layers on top of each other in an empty directory. Files are hard links to the layers' own, so that no data is
/// copied and a layer is on disk once, however many images have it; directories are made anew.
final class TreeBuilder {
    private let tree: AnchoredDirectory
    private var times: [LayerPath: timespec] = [:]

    init(into path: FilePath) throws(SystemError) {
        tree = try AnchoredDirectory(path)
    }

    /// Adds the next higher layer.
    /// - Parameters:
    ///   - path: the directory with the layer's files.
    ///   - changes: what it does to the layers below.
    func add(layer path: FilePath, changes: LayerChanges) throws {
        for path in changes.opaque { try empty(path) }
        for path in changes.whiteouts { try hide(path) }
        let layer = try OwnedDescriptor(opening: path, .readOnly, options: [.directory])
        try merge(layer.raw, LayerPath.root, changes)
        for (path, target) in changes.lateLinks { try link(path, to: target) }
    }

    /// Sets what only now is final: the times of the directories.
    func finish() throws {
        for (path, time) in times {
            guard let handle = try tree.open(path) else { continue }
            var pair = [time, time]
            guard futimens(handle.raw, &pair) == 0 else { throw SystemError("set time of", path.description) }
        }
        guard let root = try tree.open(LayerPath.root), clinux_sync_file_system(root.raw) == 0 else {
            throw SystemError("sync", tree.path.string)
        }
    }

    // MARK: Whiteouts

    private func hide(_ path: LayerPath) throws {
        // Never through a link: a whiteout means this very name.
        guard let name = path.name, let parent = try directoryIfAny(path.parent) else { return }
        try AnchoredDirectory.remove(name, in: parent.raw)
        forget(below: path)
    }

    private func empty(_ path: LayerPath) throws {
        guard let directory = try directoryIfAny(path) else { return }
        for entry in try directory.descriptor.rawEntries(subject: path.description) {
            try AnchoredDirectory.remove(entry.name, in: directory.raw)
        }
        forget(below: path)
    }

    private func directoryIfAny(_ path: LayerPath) throws -> AnchoredDirectory.DirectoryHandle? {
        do {
            return try tree.open(path)
        } catch {
            if error.errno == .notDirectory { return nil }
            throw error
        }
    }

    private func forget(below path: LayerPath) {
        tree.forget()
        times = times.filter { !$0.key.components.starts(with: path.components) || $0.key == path }
    }

    // MARK: Merging

    private func merge(_ layer: Int32, _ path: LayerPath, _ changes: LayerChanges) throws {
        guard let target = try tree.open(path) else { throw SystemError("open", path.description, errno: ENOENT) }
        defer { withExtendedLifetime(target) {} }
        let source = try Self.open(".", in: layer, path)
        if !changes.implicit.contains(path) { try copyAttributes(from: source.raw, to: target.raw, path) }
        for entry in try source.rawEntries(subject: path.description) {
            let inner = path.appending(entry.name)
            if entry.kind == .directory {
                let child = try Self.open(entry.name, in: source.raw, inner)
                let place = try makeDirectory(entry.name, in: target.raw, inner, isImplicit: changes.implicit.contains(inner))
                try merge(child.raw, place, changes)
            } else {
                try linkFile(entry.name, from: source.raw, to: target.raw, inner)
            }
        }
    }

    private func linkFile(_ name: RawName, from source: Int32, to target: Int32, _ path: LayerPath) throws {
        func link() -> Bool { name.withCString { linkat(source, $0, target, $0, 0) == 0 } }
        if link() { return }
        guard errno == EEXIST else { throw SystemError("link", path.description) }
        try AnchoredDirectory.remove(name, in: target)
        forget(below: path)
        guard link() else { throw SystemError("link", path.description) }
    }

    /// Makes a directory unless there is one. A directory that the layer only passes through may be a link below: then what
    /// the layer has in it goes to where the link leads.
    private func makeDirectory(
        _ name: RawName, in target: Int32, _ path: LayerPath, isImplicit: Bool
    ) throws -> LayerPath {
        if name.withCString({ mkdirat(target, $0, 0o755) }) == 0 { return path }
        guard errno == EEXIST else { throw SystemError("create directory", path.description) }
        var status = stat()
        guard name.withCString({ fstatat(target, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw SystemError("stat", path.description)
        }
        if status.st_mode & S_IFMT == S_IFDIR { return path }
        if isImplicit, status.st_mode & S_IFMT == S_IFLNK, try directoryIfAny(path) != nil { return path }
        try AnchoredDirectory.remove(name, in: target)
        tree.forget()
        guard name.withCString({ mkdirat(target, $0, 0o755) }) == 0 else {
            throw SystemError("create directory", path.description)
        }
        return path
    }

    private func copyAttributes(from source: Int32, to target: Int32, _ path: LayerPath) throws {
        var status = stat()
        guard fstat(source, &status) == 0, fchown(target, status.st_uid, status.st_gid) == 0,
            fchmod(target, status.st_mode & 0o7777) == 0, clinux_copy_attributes(source, target) == 0
        else { throw SystemError("set attributes of", path.description) }
        times[path] = status.st_mtim
    }

    private func link(_ path: LayerPath, to target: LayerPath) throws {
        guard let name = path.name, let targetName = target.name else { return }
        let parent = try tree.openMaking(path.parent) { _ in }
        defer { withExtendedLifetime(parent) {} }
        guard let holder = try directoryIfAny(target.parent) else {
            throw LayerError.missingLinkTarget(entry: path.description, target: target.description)
        }
        try AnchoredDirectory.remove(name, in: parent.raw)
        let result = targetName.withCString { old in
            name.withCString { new in linkat(holder.raw, old, parent.raw, new, 0) }
        }
        if result == 0 { return }
        guard errno == ENOENT else { throw SystemError("link", path.description) }
        throw LayerError.missingLinkTarget(entry: path.description, target: target.description)
    }

    private static func open(_ name: RawName, in parent: Int32, _ path: LayerPath) throws(SystemError) -> OwnedDescriptor {
        let number = name.withCString { openat(parent, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        guard number >= 0 else { throw SystemError("open", path.description) }
        return OwnedDescriptor(owning: number)
    }

    private static func open(_ name: String, in parent: Int32, _ path: LayerPath) throws(SystemError) -> OwnedDescriptor {
        try open(RawName(name.utf8), in: parent, path)
    }
}
