internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Putting one layer's files on top of what a tree has, by several threads: what it takes is almost all of it the kernel's time.
struct TreeMerge: Sendable {
    private let layer: FilePath
    private let changes: LayerChanges
    private let tree: FilePath
    private let known: [LayerPath: timespec]

    /// - Parameters:
    ///   - layer: the directory with the layer's files.
    ///   - changes: what it does to the layers below.
    ///   - tree: the tree's root.
    ///   - known: the directories that the tree has, with their times.
    init(of layer: FilePath, _ changes: LayerChanges, into tree: FilePath, known: [LayerPath: timespec]) {
        self.layer = layer
        self.changes = changes
        self.tree = tree
        self.known = known
    }

    /// What became of it.
    struct Made: Sendable {
        /// The times that directories are to have in the end.
        var times: [LayerPath: timespec] = [:]
        /// How many names the tree has more.
        var names = 0
        /// How many names were found in the layer, its root among them.
        var found = 0
        /// Directories of lower layers that had to go.
        var removed: [LayerPath] = []

        mutating func add(_ other: Made) {
            times.merge(other.times) { $1 }
            names += other.names
            found += other.found
            removed += other.removed
        }
    }

    /// Does it, on at most `width` threads.
    func run(width: Int) throws -> Made {
        guard let target = try AnchoredDirectory(tree).open(LayerPath.root) else {
            throw SystemError("open", tree.string, errno: ENOENT)
        }
        // Where a layer only passes through, links may lead two of its directories to the same one of the tree.
        let isApart = changes.implicit.allSatisfy(\.isRoot)
        let first = Directory(source: try WalkedDirectory.root(layer), target: target, name: nil)
        let made = try WorkQueue.run(first, width: isApart ? width : 1) { queue in
            var worker = Worker(changes: changes, known: known, tree: try AnchoredDirectory(tree))
            try queue.forEach { try worker.merge($0) { queue.add($0) } }
            return worker.made
        }
        var sum = Made()
        sum.found = 1
        for one in made { sum.add(one) }
        return sum
    }

    /// A directory of the layer's that is to be merged into one of the tree's: the one with the name, or the target itself.
    private struct Directory: Sendable {
        let source: WalkedDirectory.Waiting
        let target: AnchoredDirectory.DirectoryHandle
        let name: RawName?
    }

    /// What one thread does.
    private struct Worker {
        let changes: LayerChanges
        var known: [LayerPath: timespec]
        let tree: AnchoredDirectory
        var made = Made()

        mutating func merge(_ directory: Directory, found: (Directory) -> Void) throws {
            let source = try directory.source.open()
            guard let name = directory.name else { return try merge(source, into: directory.target, found) }
            // Not before its turn: through a link, what was made could be replaced meanwhile.
            try makeDirectory(name, in: directory.target, isImplicit: changes.implicit.contains(source.path))
            let place = directory.target.canonical.appending(name)
            guard let target = try tree.openChild(name, of: directory.target) ?? tree.open(place) else {
                throw SystemError("open", place.description, errno: ENOENT)
            }
            try merge(source, into: target, found)
        }

        private mutating func merge(
            _ source: WalkedDirectory, into target: AnchoredDirectory.DirectoryHandle, _ found: (Directory) -> Void
        ) throws {
            defer { withExtendedLifetime(target) {} }
            let place = target.canonical
            if !changes.implicit.contains(source.path) || (known[place] == nil && made.times[place] == nil) {
                try copyAttributes(from: source.raw, to: target)
            }
            for entry in try source.entries() {
                made.found += 1
                if entry.kind == .directory {
                    found(Directory(source: source.waiting(entry.name), target: target, name: entry.name))
                } else {
                    try linkFile(entry.name, from: source.raw, to: target)
                }
            }
        }

        private mutating func linkFile(
            _ name: RawName, from source: Int32, to target: AnchoredDirectory.DirectoryHandle
        ) throws {
            func link() -> Bool { name.withCString { linkat(source, $0, target.raw, $0, 0) == 0 } }
            if !link() {
                guard errno == EEXIST else { throw SystemError("link", target.canonical.appending(name).description) }
                try remove(name, in: target)
                guard link() else { throw SystemError("link", target.canonical.appending(name).description) }
            }
            made.names += 1
        }

        /// Makes a directory unless there is one. Where the layer only passes through, there may be a link below: then what the
        /// layer has in it goes to where the link leads.
        private mutating func makeDirectory(
            _ name: RawName, in target: AnchoredDirectory.DirectoryHandle, isImplicit: Bool
        ) throws {
            func make() -> Bool { name.withCString { mkdirat(target.raw, $0, 0o755) } == 0 }
            let path = target.canonical.appending(name)
            if !make() {
                guard errno == EEXIST else { throw SystemError("create directory", path.description) }
                if try tree.openIfDirectory(path, followsLast: isImplicit) != nil { return }
                try remove(name, in: target)
                guard make() else { throw SystemError("create directory", path.description) }
            }
            made.names += 1
        }

        private mutating func remove(_ name: RawName, in directory: AnchoredDirectory.DirectoryHandle) throws {
            switch try tree.remove(name, in: directory) {
            case .nothing: break
            case .file: made.names -= 1
            case .directory(let path):
                made.removed.append(path)
                known = known.filter { !$0.key.isInside(path) }
                made.times = made.times.filter { !$0.key.isInside(path) }
            }
        }

        private mutating func copyAttributes(
            from source: Int32, to target: AnchoredDirectory.DirectoryHandle
        ) throws {
            var (status, own) = (stat(), stat())
            guard fstat(source, &status) == 0, fstat(target.raw, &own) == 0 else {
                throw SystemError("stat", target.canonical.description)
            }
            // Of a directory that was just made, most is so already. A change of owner takes bits of the mode away.
            let isOwners = own.st_uid == status.st_uid && own.st_gid == status.st_gid
            guard isOwners || fchown(target.raw, status.st_uid, status.st_gid) == 0,
                (isOwners && own.st_mode == status.st_mode) || fchmod(target.raw, status.st_mode & 0o7777) == 0,
                clinux_copy_attributes(source, target.raw) == 0
            else { throw SystemError("set attributes of", target.canonical.description) }
            made.times[target.canonical] = status.st_mtim
        }
    }
}
