internal import ContainerImage

/// What a worker is asked to do.
struct WorkerRequest: Codable {
    /// The cache's directory.
    var cache: String
    /// The layers, lowest first.
    var layers: [ResolvedImage.Layer]
    /// The tree's key.
    var tree: String
    /// How many layers at once.
    var width: Int
}

/// What a worker says, one JSON line each.
enum WorkerMessage: Codable {
    /// Compressed bytes that have been worked off.
    case progress(done: Int64, total: Int64)
    /// The tree is published.
    case finished(size: Int64, entries: Int, omitted: [String])
    /// Nothing was published.
    case failed(message: String)
}
