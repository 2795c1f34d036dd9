internal import ContainerImage
internal import LinuxSystem
internal import SystemPackage

/// Where things are in the cache.
struct StoreLayout: Sendable {
    let directory: FilePath

    /// Extracted layers by diff ID: `files`, `changes`, `listing` and `counts`.
    func layer(_ diffID: Digest) -> FilePath {
        directory.appending("layers/\(diffID.algorithm.rawValue)/\(diffID.hex)")
    }
    func layerFiles(_ layer: FilePath) -> FilePath { layer.appending("files") }
    func layerChanges(_ layer: FilePath) -> FilePath { layer.appending("changes") }
    func layerListing(_ layer: FilePath) -> FilePath { layer.appending("listing") }
    func layerCounts(_ layer: FilePath) -> FilePath { layer.appending("counts") }
    /// Where extracted layers are.
    var layers: FilePath { directory.appending("layers") }
    /// Where trees are.
    var trees: FilePath { directory.appending("trees") }
    /// Trees by key: `root` and `size.json`.
    func tree(_ key: String) -> FilePath { directory.appending("trees/\(key)") }
    func root(_ tree: FilePath) -> FilePath { tree.appending("root") }
    func size(_ tree: FilePath) -> FilePath { tree.appending("size.json") }
    /// Locked exclusively by who unpacks or removes the tree, shared by who uses it.
    func treeLock(_ key: String) -> FilePath { directory.appending("locks/tree-\(key)") }
    /// Locked by who extracts or removes the layer.
    func layerLock(_ diffID: Digest) -> FilePath { directory.appending("locks/layer-\(diffID.hex)") }
    /// What is not yet, or no longer, published.
    var temporary: FilePath { directory.appending("tmp") }
    /// Shared by who makes something there, held alone by who looks for what was left behind.
    var temporaryLock: FilePath { directory.appending("locks/tmp") }
    /// Shared by whoever adds to the store or begins to use something of it, held alone by who removes.
    var useLock: FilePath { directory.appending("locks/use") }
    /// Blobs that interrupted fetches have left, by algorithm and value.
    var blobs: FilePath { directory.appending("blobs") }
    /// One record for every image reference.
    var images: FilePath { directory.appending("images") }
    /// Saved machines, by the keys of their trees and their own.
    var templates: FilePath { directory.appending("templates") }
    /// Locked by who makes a template.
    func templateLock(_ key: String) -> FilePath { directory.appending("locks/template-\(key)") }
    /// Things derived from trees, by key.
    var derived: FilePath { directory.appending("derived") }

    func prepare() throws(StoreError) {
        let parts = [
            "layers/sha256", "layers/sha512", "trees", "locks", "tmp", "blobs/sha256", "images", "derived", "templates",
        ]
        do {
            try Files.createDirectories(directory)
            for part in parts { try Files.createDirectories(directory.appending(part)) }
        } catch {
            throw .cacheUnusable(directory.string, reason: "\(error)")
        }
    }

    /// A tree is the same whenever its layers are: the key is made of their diff IDs and of the form's version.
    static func treeKey(_ diffIDs: [Digest]) -> String {
        let text = (["tree 1"] + diffIDs.map(\.description)).joined(separator: "\n")
        return Digest.sha256(text.utf8).hex
    }
}
