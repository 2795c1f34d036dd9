internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Putting one layer's files on top of what a tree has, whatever links lead where.
struct TreeMerge {
    private let changes: LayerChanges
    private let tree: AnchoredDirectory
    /// What the tree has.
    private(set) var record: TreeRecord
    /// How many names were found in the layer, its root among them.
    private(set) var found = 1

    /// - Parameters:
    ///   - changes: what the layer does to the layers below.
    ///   - tree: the tree's root.
    ///   - record: what the tree has.
    init(_ changes: LayerChanges, into tree: AnchoredDirectory, record: TreeRecord) {
        self.changes = changes
        self.tree = tree
        self.record = record
    }

    /// Does it.
    /// - Parameter layer: the directory with the layer's files.
    mutating func run(_ layer: FilePath) throws {
        let source = try OwnedDescriptor(opening: layer, .readOnly, options: [.directory])
        try merge(source, LayerPath.root, into: LayerPath.root)
    }

    private mutating func merge(
        _ source: borrowing OwnedDescriptor, _ path: LayerPath, into place: LayerPath
    ) throws {
        guard let target = try tree.open(place) else { throw SystemError("open", place.description, errno: ENOENT) }
        try merge(source, path, into: target)
    }

    private mutating func merge(
        _ source: borrowing OwnedDescriptor, _ path: LayerPath, into target: AnchoredDirectory.DirectoryHandle
    ) throws {
        defer { withExtendedLifetime(target) {} }
        if !changes.implicit.contains(path) || record.times[target.canonical] == nil {
            record.times[target.canonical] = try DirectoryAttributes.copy(
                from: source, to: target.raw, target.canonical)
        }
        let entries = try source.rawEntries(subject: path.description)
        found += entries.count
        // The files first: what is put into a directory below may lead back here.
        for entry in entries where entry.kind != .directory { try linkFile(entry.name, from: source.raw, to: target) }
        for entry in entries where entry.kind == .directory {
            let inner = path.appending(entry.name)
            guard let child = try source.openDirectory(beneath: LayerPath.root.appending(entry.name)) else {
                throw SystemError("open", inner.description, errno: ENOENT)
            }
            try makeDirectory(entry.name, in: target, isImplicit: changes.implicit.contains(inner))
            if let place = try tree.openChild(entry.name, of: target) {
                try merge(child, inner, into: place)
            } else {
                try merge(child, inner, into: target.canonical.appending(entry.name))
            }
        }
    }

    private mutating func linkFile(
        _ name: RawName, from source: Int32, to target: AnchoredDirectory.DirectoryHandle
    ) throws {
        func link() -> Bool { name.withCString { linkat(source, $0, target.raw, $0, 0) == 0 } }
        if !link() {
            guard errno == EEXIST else { throw SystemError("link", target.canonical.appending(name).description) }
            try record.remove(name, in: target, of: tree)
            guard link() else { throw SystemError("link", target.canonical.appending(name).description) }
        }
        record.count()
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
            try record.remove(name, in: target, of: tree)
            guard make() else { throw SystemError("create directory", path.description) }
        }
        record.count()
    }
}
