internal import Glibc
internal import LinuxSystem
package import SystemPackage

/// Puts layers on top of each other in an empty directory. Files are hard links to the layers' own, so that no data is
/// copied and a layer is on disk once, however many images have it; directories are made anew.
package final class TreeBuilder {
    private let tree: AnchoredDirectory
    private let width: Int
    /// Set last, since everything that is made in a directory changes its time.
    private var times: [LayerPath: timespec] = [:]
    private let staging: StagedLinks
    /// How many names were found in the layer that was added last, its root among them.
    private(set) var namesOfLast = 0
    private var omitted: [String] = []
    /// How many names the tree has, without its root; nil once a whole directory was removed.
    private var names: Int? = 0

    /// - Parameters:
    ///   - path: an empty directory; its parent is used for short.
    ///   - width: how many threads may work on it.
    package init(into path: FilePath, width: Int = 1) throws {
        tree = try AnchoredDirectory(path)
        self.width = width
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
        merge(try TreeMerge(of: path, changes, into: tree.path, known: times).run(width: width))
        for link in changes.lateLinks {
            if let target = links.removeValue(forKey: link.path) { try place(link.path, to: target) }
        }
        try staging.clear()
        omitted += changes.omitted
    }

    /// Sets what only now is final, the times of the directories, and counts what the tree has.
    @discardableResult
    package func finish() throws -> TreeSize {
        try staging.remove()
        let times = times
        var size = try TreeSize.of(tree.path, width: width) { directory in
            if let time = times[directory.path] { try EntryAttributes.setTime(time, of: directory.raw) }
        }
        // Somebody may remove what is just being made.
        if let names, size.entries != names {
            throw SystemError("find again what was made in", tree.path.string, errno: ENOENT)
        }
        size.omitted = omitted
        return size
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
        switch try tree.remove(name, in: directory) {
        case .nothing: break
        case .file: count(-1)
        case .directory(let path): forget([path])
        }
    }

    private func forget(_ removed: [LayerPath]) {
        if removed.isEmpty { return }
        names = nil
        times = times.filter { time in !removed.contains { time.key.isInside($0) } }
    }

    private func count(_ change: Int = 1) {
        names = names.map { $0 + change }
    }

    // MARK: Merging

    private func merge(_ merged: TreeMerge.Made) {
        tree.forget()
        forget(merged.removed)
        times.merge(merged.times) { $1 }
        count(merged.names)
        namesOfLast = merged.found
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
}
