internal import Compression
internal import ContainerImage
internal import LinuxSystem
internal import Synchronization
internal import SystemPackage

/// Comparing an image's layers with what was extracted, and its tree with its layers.
struct CheckJob {
    let layout: StoreLayout
    let layers: [Digest]
    let key: String
    /// Whether a machine uses the tree, which is left as it is then.
    let isInUse: Bool

    func run(width: Int, progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void) throws -> StoreFindings
    {
        let distinct = Array(Set(layers))
        let layout = layout
        let sizes = distinct.map { layout.diskBytes(ofLayer: $0) }
        let total = sizes.reduce(0, +)
        let state = Mutex<(done: Int64, damages: [String: StoreFindings.Damage])>((0, [:]))
        try Threads.forEach(distinct.count, width: width) { index in
            let differences = try Self.differences(of: distinct[index], layout, width: width / distinct.count)
            let done = state.withLock { state in
                if !differences.isEmpty { state.damages[distinct[index].description] = .init(differences) }
                state.done += sizes[index]
                return state.done
            }
            progress(done, total)
        }
        var findings = StoreFindings()
        findings.layers = state.withLock { $0.damages }
        // A tree of damaged layers has their damage: it is made again with them.
        if findings.layers.isEmpty { try checkTree(&findings, width: width) }
        return findings
    }

    private static func differences(
        of diffID: Digest, _ layout: StoreLayout, width: Int
    ) throws -> [ListedDifference] {
        let layer = layout.layer(diffID)
        guard Files.exists(layout.layerFiles(layer)), Files.exists(layout.layerListing(layer)) else {
            return [.init(path: ".", what: "is missing")]
        }
        let limit = 1 << 30
        guard let expected = LayerListing(decoding: try Files.readWhole(layout.layerListing(layer), limit: limit))
        else {
            return [.init(path: ".", what: "has a damaged listing")]
        }
        let changes = try Files.readIfPresent(layout.layerChanges(layer), limit: limit)
        guard let changes, Checksum64.of(changes) == expected.changes else {
            return [.init(path: ".", what: "has a damaged record of its whiteouts")]
        }
        return try LayerWalk.listing(of: layout.layerFiles(layer), width: width).differences(from: expected)
    }

    private func checkTree(_ findings: inout StoreFindings, width: Int) throws {
        let job = TreeJob(layout: layout, layers: layers, key: key, width: width)
        let made = try job.make()
        do {
            let tree = layout.root(layout.tree(key))
            let differences =
                Files.exists(tree)
                ? try TreeComparison.differences(of: tree, from: layout.root(made.place.path))
                : [ListedDifference(path: ".", what: "is missing")]
            guard !differences.isEmpty else { return try made.place.remove() }
            findings.tree = .init(differences)
            if isInUse { return try made.place.remove() }
        } catch {
            try made.place.remove()
            throw error
        }
        try job.publish(made)
        try Durability.settle([layout.tree(key)], in: layout.directory)
        findings.isTreeRepaired = true
    }
}
