internal import ContainerImage

/// What a worker is asked to do.
struct WorkerRequest: Codable {
    /// The cache's directory.
    var cache: String
    /// How many layers at once.
    var width: Int
    var task: Task

    enum Task: Codable {
        /// Extract layers, lowest first, and put them together under a tree's key.
        case unpack(layers: [ResolvedImage.Layer], tree: String)
        /// Compare layers with their listings, and a tree with its layers; a tree that differs is made again unless `isInUse`.
        case check(layers: [Digest], tree: String, isInUse: Bool)
        /// Remove from the store.
        case remove(layers: [Digest], trees: [String])
    }
}

/// What a worker says, one JSON line each.
enum WorkerMessage: Codable {
    /// Bytes that have been worked off.
    case progress(done: Int64, total: Int64)
    /// Something that the user should know meanwhile.
    case note(String)
    /// It is done.
    case finished(WorkerResult)
    /// Nothing was published.
    /// - Parameter damagedBlob: the blob that was not what its digest says, where this was the reason.
    case failed(message: String, damagedBlob: Digest?)
}

/// What came of it.
enum WorkerResult: Codable {
    case unpacked(size: Int64, omitted: [String])
    case checked(StoreFindings)
    case removed
}

/// What a check has found.
struct StoreFindings: Codable, Hashable, Sendable {
    /// A layer or tree with something wrong in it.
    struct Damage: Codable, Hashable, Sendable {
        /// The first of what is wrong; a list of everything could be as long as the image.
        var examples: [ListedDifference]
        var count: Int

        init(_ differences: [ListedDifference]) {
            examples = Array(differences.prefix(20))
            count = differences.count
        }
    }

    /// By diff ID; only those that are not as they should be.
    var layers: [String: Damage] = [:]
    /// nil when the tree is as its layers make it, or could not be compared because they are damaged.
    var tree: Damage?
    /// Whether the tree was made again from its layers.
    var isTreeRepaired = false
}
