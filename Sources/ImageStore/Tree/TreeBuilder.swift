internal import Glibc
internal import LinuxSystem
package import SystemPackage

/// Puts layers on top of each other in an empty directory. Files are hard links to the layers' own, so that no data is
/// copied and a layer is on disk once, however many images have it; directories are made anew.
package final class TreeBuilder {
    /// An extracted layer.
    package struct Layer {
        /// The directory with its files.
        let path: FilePath
        /// What it does to the layers below.
        let changes: LayerChanges
        /// Bytes of its files, each counted once.
        let fileBytes: Int64

        /// - Parameters:
        ///   - path: the directory with its files.
        ///   - encodedChanges: what it does to the layers below, as `LayerExtractor` gave it.
        ///   - fileBytes: bytes of its files, each counted once.
        package init(_ path: FilePath, encodedChanges: [UInt8], fileBytes: Int64) throws {
            self.path = path
            self.fileBytes = fileBytes
            changes = try LayerChanges(decoding: encodedChanges)
        }
    }

    private let tree: AnchoredDirectory
    private let width: Int
    private var record = TreeRecord()
    private let staging: StagedLinks
    /// What came of one walk; nil once something was added to it.
    private var union: (TreeUnion, made: TreeUnion.Made)?
    /// How many layers were put together in one walk.
    package private(set) var united = 0
    private var omitted: [String] = []

    /// - Parameters:
    ///   - path: an empty directory; its parent is used for short.
    ///   - width: how many threads may work on it.
    package init(into path: FilePath, width: Int = 1) throws {
        tree = try AnchoredDirectory(path)
        self.width = width
        staging = try StagedLinks(path.removingLastComponent().appending("links"))
    }

    /// Puts layers into a tree that has nothing yet.
    ///
    /// All up to the first that is not plain in one walk, and those above one after another. A layer that passes through a lower one's
    /// link is only found on the way: then the walk begins anew, with the layers below it.
    /// - Parameters:
    ///   - layers: the lowest first.
    ///   - found: told of each layer that was added how many names were found in it, its root among them.
    package func build(_ layers: [Layer], found: (_ layer: Int, _ names: Int) throws -> Void) throws {
        united = try unite(layers, found)
        for index in united..<layers.count { try found(index, try add(layers[index])) }
    }

    /// Puts the plain layers at the bottom together. Returns how many there are.
    private func unite(_ layers: [Layer], _ found: (_ layer: Int, _ names: Int) throws -> Void) throws -> Int {
        var plain: [PlainLayer] = []
        for layer in layers {
            guard let one = try PlainLayer(layer, isLowest: plain.isEmpty) else { break }
            plain.append(one)
        }
        for _ in 0..<Self.walks where !plain.isEmpty {
            let union = try TreeUnion(of: plain, into: tree.path)
            do {
                let made = try union.run(width: width)
                self.union = (union, made)
                omitted = layers[..<plain.count].flatMap(\.changes.omitted)
                for (index, count) in made.found.enumerated() { try found(index, count) }
                return plain.count
            } catch let link as UnitedNames.LinkInTheWay {
                try empty(LayerPath.root)
                record = TreeRecord()
                plain.removeSubrange(link.layer...)
            }
        }
        return 0
    }

    /// How often a walk is begun; each time takes as long as all the layers that are left.
    private static let walks = 3

    /// Adds the next higher layer, whatever the tree has.
    /// - Returns: how many names were found in the layer, its root among them.
    @discardableResult
    package func add(_ layer: Layer) throws -> Int {
        let changes = layer.changes
        if let (_, made) = union { record = TreeRecord(made) }
        union = nil
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
        let own = try OwnDirectories(layer)
        for path in changes.opaque where try !own.replaceLink(above: path, in: tree) { try empty(path) }
        for path in changes.whiteouts where try !own.replaceLink(above: path, in: tree) { try hide(path) }
        var merge = TreeMerge(changes, into: tree, record: record)
        try merge.run(layer.path)
        record = merge.record
        for link in changes.lateLinks {
            if let target = links.removeValue(forKey: link.path) { try place(link.path, to: target) }
        }
        try staging.clear()
        omitted += changes.omitted
        return merge.found
    }

    /// Sets what only now is final, the times of the directories, and counts what the tree has.
    @discardableResult
    package func finish() throws -> TreeSize {
        try staging.remove()
        var size: TreeSize
        if let (union, made) = union {
            try union.expectUnchanged(made, width: width)
            size = TreeSize(made)
        } else {
            let times = record.times
            size = try TreeSize.of(tree.path, width: width) { directory in
                if let time = times[directory.path] { try EntryAttributes.setTime(time, of: directory.raw) }
            }
            // Somebody may remove what is just being made.
            if let names = record.names, size.entries != names {
                throw SystemError("find again what was made in", tree.path.string, errno: ENOENT)
            }
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
        try record.remove(name, in: directory, of: tree)
    }

    // MARK: Hard links to lower layers

    /// Makes a late link. A target that no lower layer has may have come with the layer itself.
    private func place(_ link: LayerPath, to target: LayerPath) throws {
        guard let name = link.name else { return }
        let parent = try tree.openMaking(link.parent) { _ in record.count() }
        if staging.holds(link) {
            try remove(name, in: parent)
            try staging.place(link, to: target, in: parent.raw, as: name)
            return record.count()
        }
        guard let targetName = target.name, let holder = try tree.openIfDirectory(target.parent) else {
            throw LayerError.missingLinkTarget(entry: link.description, target: target.description)
        }
        if parent.canonical == holder.canonical, name == targetName { return }
        try remove(name, in: parent)
        try HardLink.make(of: targetName, in: holder.raw, as: name, in: parent.raw, link, target)
        record.count()
    }
}
