internal import CLinux
internal import Glibc
internal import LinuxSystem
package import SystemPackage

/// Puts layers on top of each other in an empty directory. Files are hard links to the layers' own, so that no data is
/// copied and a layer is on disk once, however many images have it; directories are made anew.
package final class TreeBuilder {
    private let tree: AnchoredDirectory
    /// Set last, since everything that is made in a directory changes its time.
    private var times: [LayerPath: timespec] = [:]
    private let staging: StagedLinks
    /// How many names were found in the layer that was added last, its root among them.
    private(set) var namesOfLast = 0
    private(set) var omitted: [String] = []
    /// How many names the tree has, without its root; nil once a whole directory was removed.
    private(set) var names: Int? = 0

    /// - Parameter path: an empty directory; its parent is used for short.
    package init(into path: FilePath) throws {
        tree = try AnchoredDirectory(path)
        staging = try StagedLinks(path.removingLastComponent().appending("links"))
    }

    /// Adds the next higher layer.
    /// - Parameters:
    ///   - path: the directory with the layer's files.
    ///   - encodedChanges: what it does to the layers below, as `LayerExtractor` gave it.
    package func add(layer path: FilePath, encodedChanges: [UInt8]) throws {
        let changes = try LayerChanges(decoding: encodedChanges)
        // A hard link means the file that a lower layer has, whatever becomes of that name in this layer.
        var links: [LayerPath: LayerPath] = [:]
        for link in changes.lateLinks {
            links[link.path] = link.target
            if let target = link.target {
                try staging.stage(link.path, to: target, from: tree)
            } else {
                staging.drop(link.path)
            }
        }
        for path in changes.opaque { try empty(path) }
        for path in changes.whiteouts { try hide(path) }
        let layer = try OwnedDescriptor(opening: path, .readOnly, options: [.directory])
        namesOfLast = 1
        try merge(layer, LayerPath.root, into: LayerPath.root, changes)
        for link in changes.lateLinks {
            if let target = links.removeValue(forKey: link.path) { try place(link.path, to: target) }
        }
        try staging.clear()
        omitted += changes.omitted
    }

    /// Sets what only now is final: the times of the directories.
    package func finish() throws {
        try staging.remove()
        for (path, time) in times {
            guard let found = try tree.openExactly(path) else { continue }
            try EntryAttributes.setTime(time, of: found.raw)
        }
    }

    // MARK: Whiteouts

    private func hide(_ path: LayerPath) throws {
        guard let name = path.name, let parent = try tree.openIfDirectory(path.parent) else { return }
        try remove(name, in: parent)
    }

    /// Of a directory only: what a link leads to stays, the link itself is replaced when the layer's directory comes.
    private func empty(_ path: LayerPath) throws {
        guard let directory = try tree.openIfDirectory(path, followsLast: false) else { return }
        for entry in try directory.descriptor.rawEntries(subject: path.description) {
            try remove(entry.name, in: directory)
        }
    }

    private func remove(_ name: RawName, in directory: AnchoredDirectory.DirectoryHandle) throws {
        let path = directory.canonical.appending(name)
        if name.withCString({ unlinkat(directory.raw, $0, 0) }) == 0 {
            count(-1)
        } else {
            if errno == ENOENT { return }
            names = nil
            try TreeRemoval.remove(name, in: directory.raw)
            times = times.filter { !$0.key.isInside(path) }
        }
        tree.forget()
    }

    private func count(_ change: Int = 1) {
        names = names.map { $0 + change }
    }

    // MARK: Merging

    private func merge(
        _ source: borrowing OwnedDescriptor, _ path: LayerPath, into place: LayerPath, _ changes: LayerChanges
    ) throws {
        guard let target = try tree.open(place) else { throw SystemError("open", place.description, errno: ENOENT) }
        try merge(source, path, into: target, changes)
    }

    private func merge(
        _ source: borrowing OwnedDescriptor, _ path: LayerPath, into target: AnchoredDirectory.DirectoryHandle,
        _ changes: LayerChanges
    ) throws {
        defer { withExtendedLifetime(target) {} }
        if !changes.implicit.contains(path) || times[target.canonical] == nil {
            try copyAttributes(from: source.raw, to: target)
        }
        for entry in try source.rawEntries(subject: path.description) {
            namesOfLast += 1
            if entry.kind == .directory {
                let inner = path.appending(entry.name)
                let child = try Self.open(entry.name, in: source.raw, inner)
                try makeDirectory(entry.name, in: target, isImplicit: changes.implicit.contains(inner))
                if let place = try tree.openChild(entry.name, of: target) {
                    try merge(child, inner, into: place, changes)
                } else {
                    try merge(child, inner, into: target.canonical.appending(entry.name), changes)
                }
            } else {
                try linkFile(entry.name, from: source.raw, to: target)
            }
        }
    }

    private func linkFile(
        _ name: RawName, from source: Int32, to target: AnchoredDirectory.DirectoryHandle
    ) throws {
        func link() -> Bool { name.withCString { linkat(source, $0, target.raw, $0, 0) == 0 } }
        if link() { return count() }
        if errno == EEXIST {
            try remove(name, in: target)
            if link() { return count() }
        }
        throw SystemError("link", target.canonical.appending(name).description)
    }

    /// Makes a directory unless there is one. Where the layer only passes through, there may be a link below: then what the
    /// layer has in it goes to where the link leads.
    private func makeDirectory(
        _ name: RawName, in target: AnchoredDirectory.DirectoryHandle, isImplicit: Bool
    ) throws {
        let path = target.canonical.appending(name)
        if name.withCString({ mkdirat(target.raw, $0, 0o755) }) == 0 { return count() }
        guard errno == EEXIST else { throw SystemError("create directory", path.description) }
        if try tree.openIfDirectory(path, followsLast: isImplicit) != nil { return }
        try remove(name, in: target)
        guard name.withCString({ mkdirat(target.raw, $0, 0o755) }) == 0 else {
            throw SystemError("create directory", path.description)
        }
        count()
    }

    private func copyAttributes(from source: Int32, to target: AnchoredDirectory.DirectoryHandle) throws {
        var status = stat()
        guard fstat(source, &status) == 0, fchown(target.raw, status.st_uid, status.st_gid) == 0,
            fchmod(target.raw, status.st_mode & 0o7777) == 0, clinux_copy_attributes(source, target.raw) == 0
        else { throw SystemError("set attributes of", target.canonical.description) }
        times[target.canonical] = status.st_mtim
    }

    /// Makes a late link. A target that no lower layer has may have come with the layer itself.
    private func place(_ link: LayerPath, to target: LayerPath) throws {
        guard let name = link.name else { return }
        let parent = try tree.openMaking(link.parent) { _ in count() }
        if staging.holds(link) {
            try remove(name, in: parent)
            try staging.place(link, to: target, in: parent.raw, as: name)
            return count()
        }
        guard let targetName = target.name, let holder = try tree.openIfDirectory(target.parent) else {
            throw LayerError.missingLinkTarget(entry: link.description, target: target.description)
        }
        if parent.canonical == holder.canonical, name == targetName { return }
        try remove(name, in: parent)
        try HardLink.make(of: targetName, in: holder.raw, as: name, in: parent.raw, link, target)
        count()
    }

    private static func open(
        _ name: RawName, in parent: Int32, _ path: LayerPath
    ) throws(SystemError) -> OwnedDescriptor {
        let number = name.withCString { openat(parent, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        guard number >= 0 else { throw SystemError("open", path.description) }
        return OwnedDescriptor(owning: number)
    }
}
