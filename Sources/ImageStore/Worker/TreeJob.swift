internal import ContainerImage
import FoundationEssentials
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Putting a tree together from extracted layers.
struct TreeJob {
    let layout: StoreLayout
    /// The layers' diff IDs, lowest first.
    let layers: [Digest]
    /// The tree's key.
    let key: String
    /// How many threads may work on it.
    let width: Int

    /// A tree that is made but not published.
    struct Made {
        let place: TemporaryDirectory
        let size: TreeSize
    }

    /// Makes it beside the store's trees. The caller publishes or removes it.
    func make() throws -> Made {
        let place = try TemporaryDirectory(layout, name: "tree")
        do {
            let root = layout.root(place.path)
            try Files.createDirectories(root, mode: 0o755)
            let builder = try TreeBuilder(into: root, width: width)
            var left = Self.changesLimit
            let parts = try layers.map { try extracted($0, &left) }
            try builder.build(parts.map(\.layer)) { index, names in
                // Somebody may have tidied up where he should not.
                guard names == parts[index].names else { throw IncompleteLayer(diffID: layers[index]) }
            }
            let size = try builder.finish()
            try Files.writeAtomically(Array(try JSONEncoder().encode(size)), to: layout.size(place.path))
            return Made(place: place, size: size)
        } catch {
            try place.remove()
            throw error
        }
    }

    /// How many bytes what the layers change may take, all together.
    private static let changesLimit = 256 << 20

    private func extracted(_ diffID: Digest, _ left: inout Int) throws -> (layer: TreeBuilder.Layer, names: Int) {
        let layer = layout.layer(diffID)
        guard let changes = try Files.readIfPresent(layout.layerChanges(layer), limit: left),
            let counts = try layout.counts(ofLayer: diffID), Files.exists(layout.layerFiles(layer))
        else { throw IncompleteLayer(diffID: diffID) }
        left -= changes.count
        let files = layout.layerFiles(layer)
        return (try TreeBuilder.Layer(files, encodedChanges: changes, fileBytes: counts.fileBytes), counts.names)
    }

    /// Puts it in the place of what is there. The caller has the tree's lock.
    func publish(_ made: Made) throws {
        do {
            try TemporaryDirectory.discard(layout.tree(key), layout)
            try Durability.markUnsynced(made.place.path)
            try made.place.publish(as: layout.tree(key))
        } catch {
            try made.place.remove()
            throw error
        }
    }
}

/// An extracted layer that does not have all its names any more.
struct IncompleteLayer: Error, CustomStringConvertible {
    let diffID: Digest

    var description: String { "layer \(diffID) has lost files" }
}
