internal import ContainerImage
internal import LinuxSystem

/// What the store takes on the disk, in bytes.
public struct StoreUsage: Sendable, Hashable, Codable {
    /// One tree, with all the names that it has.
    public struct Image: Sendable, Hashable, Codable {
        public let references: [String]
        public let digest: String
        public let layers: Int
        /// Everything that it needs.
        public let size: Int64
        /// The part that other images need too.
        public let shared: Int64
        /// The part that its removal gives back.
        public let own: Int64
        /// Whether a machine uses it.
        public let inUse: Bool

        enum CodingKeys: String, CodingKey {
            case references, digest, layers, size, shared, own
            case inUse = "in_use"
        }
    }

    /// One sort of thing.
    public struct Part: Sendable, Hashable, Codable {
        public let kind: RemovedItem.Kind
        public let count: Int
        public let size: Int64
        /// What `prune` would give back of it.
        public let reclaimable: Int64
    }

    public let images: [Image]
    public let parts: [Part]
    /// All parts together.
    public var size: Int64 { parts.reduce(0) { $0 + $1.size } }
    /// What `prune` would give back.
    public var reclaimable: Int64 { parts.reduce(0) { $0 + $1.reclaimable } }
}

extension ImageStore {
    /// Counts what the store takes on the disk.
    public func usage() throws -> StoreUsage {
        let all = try records.all()
        let inventory = StoreInventory(layout: layout)
        let garbage = try StoreGarbage(layout: layout, keeping: all)
        let byTree = Dictionary(grouping: all, by: \.treeKey)
        var users: [Digest: Int] = [:]
        for images in byTree.values {
            for layer in Set(images[0].layers.map(\.diffID)) { users[layer, default: 0] += 1 }
        }
        let images = try byTree.map { key, images -> StoreUsage.Image in
            let layers = Set(images[0].layers.map(\.diffID))
            let shared = layers.filter { users[$0, default: 0] > 1 }.reduce(0) { $0 + layout.diskBytes(ofLayer: $1) }
            let only = layers.filter { users[$0, default: 0] == 1 }.reduce(0) { $0 + layout.diskBytes(ofLayer: $1) }
            let own = only + inventory.diskBytes(ofTree: key)
            return StoreUsage.Image(
                references: images.map(\.reference), digest: images[0].digest.description,
                layers: images[0].layers.count, size: shared + own, shared: shared, own: own,
                inUse: try inventory.isInUse(key))
        }.sorted { $0.references[0] < $1.references[0] }
        let wasted = Dictionary(grouping: garbage.items, by: \.kind).mapValues { $0.reduce(0) { $0 + $1.bytes } }
        func part(_ kind: RemovedItem.Kind, _ sizes: [Int64]) -> StoreUsage.Part {
            .init(kind: kind, count: sizes.count, size: sizes.reduce(0, +), reclaimable: wasted[kind] ?? 0)
        }
        return StoreUsage(
            images: images,
            parts: [
                part(.layer, try inventory.layers().map { layout.diskBytes(ofLayer: $0) }),
                part(.tree, try inventory.trees().map(inventory.diskBytes(ofTree:))),
                part(.blob, try KeptBlobs(layout: layout).all().map(\.size)),
                part(.derived, try inventory.derived().map(\.bytes)),
                part(.template, try inventory.templates().map(\.bytes)),
            ])
    }
}
