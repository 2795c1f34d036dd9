internal import CLinux
internal import ContainerImage
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Something that was removed from the store, or would be.
public struct RemovedItem: Sendable, Hashable, Codable {
    /// What sort of thing.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case image, tree, layer, blob, derived, template
    }

    public let kind: Kind
    /// An image's name, a layer's diff ID, a blob's digest, a tree's key, a file's name.
    public let id: String
    /// Bytes on the disk that this gives back.
    public let bytes: Int64

    /// Something.
    public init(kind: Kind, id: String, bytes: Int64) {
        self.kind = kind
        self.id = id
        self.bytes = bytes
    }
}

extension ImageStore {
    /// Removes images, and what no other image needs of them.
    /// - Parameter names: references, or beginnings of digests.
    /// - Throws: `StoreError.inUse` for an image that a machine uses; nothing is removed then.
    public func remove(_ names: [String], progress: (Progress) -> Void) throws -> [RemovedItem] {
        let hold = try holdAlone(progress)
        defer { withExtendedLifetime(hold) {} }
        var chosen: [StoredImage] = []
        for name in names { chosen += try records.matching(name).filter { !chosen.contains($0) } }
        let others = try records.all().filter { !chosen.contains($0) }
        let inventory = StoreInventory(layout: layout)
        for image in chosen where !others.contains(where: { $0.treeKey == image.treeKey }) {
            if try inventory.isInUse(image.treeKey) { throw StoreError.inUse(image.reference) }
        }
        for image in chosen { try records.remove(image) }
        let trees = Set(chosen.map(\.treeKey)), layers = Set(chosen.flatMap(\.layers).map(\.diffID))
        let garbage = try StoreGarbage(layout: layout, keeping: others)
        return chosen.map { RemovedItem(kind: .image, id: $0.reference, bytes: 0) }
            + (try sweep(garbage.only(trees: trees, layers: layers)))
    }

    /// Removes what no image refers to and no machine uses.
    /// - Parameters:
    ///   - all: removes images too, except those that a machine uses.
    ///   - age: leaves what was used in so many seconds.
    ///   - isTrial: only says what it would do.
    public func prune(
        all: Bool, olderThan age: Int64? = nil, isTrial: Bool = false, progress: (Progress) -> Void
    ) throws -> [RemovedItem] {
        try layout.prepare()
        let hold = try holdAlone(progress)
        defer { withExtendedLifetime(hold) {} }
        let inventory = StoreInventory(layout: layout)
        let latest = age.map { Int64(time(nil)) - $0 } ?? Int64.max
        let images = try records.all()
        let chosen = try images.filter { image in
            guard all, inventory.lastUsed(image.treeKey) <= latest else { return false }
            return try !inventory.isInUse(image.treeKey)
        }
        if !isTrial { for image in chosen { try records.remove(image) } }
        let garbage = try StoreGarbage(
            layout: layout, keeping: images.filter { !chosen.contains($0) }, unusedSince: latest)
        return chosen.map { RemovedItem(kind: .image, id: $0.reference, bytes: 0) }
            + (isTrial ? garbage.items : try sweep(garbage))
    }

    /// Waits until nobody adds to the store or is about to use something of it.
    private func holdAlone(_ progress: (Progress) -> Void) throws -> FileLock? {
        guard Files.exists(layout.directory) else { return nil }
        try layout.prepare()
        if let lock = try FileLock.exclusive(layout.useLock, wait: false) { return lock }
        progress(.note("waiting for another bcvk that fetches or unpacks an image"))
        return try FileLock.exclusive(layout.useLock, wait: true)
    }

    private func sweep(_ garbage: StoreGarbage) throws -> [RemovedItem] {
        let items = garbage.items
        if !garbage.trees.isEmpty || !garbage.layers.isEmpty {
            let request = WorkerRequest(
                cache: layout.directory.string, width: 1,
                task: .remove(layers: garbage.layers, trees: garbage.trees))
            _ = try worker.run(request, subject: "removing from the cache") { _, _ in }
        }
        try KeptBlobs(layout: layout).remove(garbage.blobs.map(\.digest))
        for template in garbage.templates { try Files.removeTree(template.path) }
        for path in garbage.derived.map(\.path) + garbage.trees.map(layout.treeLock)
            + garbage.layers.map(layout.layerLock)
        {
            guard unlink(path.string) == 0 || errno == ENOENT else { throw SystemError("remove", path.string) }
        }
        return items
    }
}

/// What of the store nobody needs.
struct StoreGarbage {
    private(set) var trees: [String]
    private(set) var layers: [Digest]
    private(set) var blobs: [(digest: Digest, size: Int64)]
    private(set) var derived: [(key: String, path: FilePath, bytes: Int64)]
    private(set) var templates: [(key: String, path: FilePath, bytes: Int64)]
    private let layout: StoreLayout

    /// - Parameters:
    ///   - images: what is needed.
    ///   - latest: what was used after this time (seconds since the epoch) is needed too.
    init(layout: StoreLayout, keeping images: [StoredImage], unusedSince latest: Int64 = .max) throws {
        self.layout = layout
        let inventory = StoreInventory(layout: layout)
        let neededTrees = Set(images.map(\.treeKey))
        let neededLayers = Set(images.flatMap(\.layers).map(\.diffID))
        trees = try inventory.trees().filter { key in
            guard !neededTrees.contains(key), inventory.lastUsed(key) <= latest else { return false }
            return try !inventory.isInUse(key)
        }
        layers = try inventory.layers().filter { layer in
            !neededLayers.contains(layer) && Self.changed(layout.layer(layer)) <= latest
        }
        blobs = latest == .max ? try KeptBlobs(layout: layout).all() : []
        let goneOrUnused = Set(trees)
        func isGarbage(_ item: (key: String, path: FilePath, bytes: Int64)) throws -> Bool {
            if goneOrUnused.contains(item.key) { return true }
            guard !neededTrees.contains(item.key), Self.changed(item.path) <= latest else { return false }
            return try !inventory.isInUse(item.key)
        }
        derived = try inventory.derived().filter(isGarbage)
        templates = try inventory.templates().filter(isGarbage)
    }

    /// What of it belongs to these trees and layers.
    func only(trees chosen: Set<String>, layers chosenLayers: Set<Digest>) -> StoreGarbage {
        var part = self
        part.trees = trees.filter(chosen.contains)
        part.layers = layers.filter(chosenLayers.contains)
        part.blobs = []
        part.derived = derived.filter { chosen.contains($0.key) }
        part.templates = templates.filter { chosen.contains($0.key) }
        return part
    }

    var items: [RemovedItem] {
        let inventory = StoreInventory(layout: layout)
        return trees.map { RemovedItem(kind: .tree, id: $0, bytes: inventory.diskBytes(ofTree: $0)) }
            + layers.map { RemovedItem(kind: .layer, id: $0.description, bytes: layout.diskBytes(ofLayer: $0)) }
            + blobs.map { RemovedItem(kind: .blob, id: $0.digest.description, bytes: $0.size) }
            + derived.map { RemovedItem(kind: .derived, id: $0.path.lastComponent?.string ?? "", bytes: $0.bytes) }
            + templates.map { RemovedItem(kind: .template, id: $0.path.lastComponent?.string ?? "", bytes: $0.bytes) }
    }

    private static func changed(_ path: FilePath) -> Int64 {
        var status = stat()
        return lstat(path.string, &status) == 0 ? Int64(status.st_mtim.tv_sec) : 0
    }
}
