public import ContainerImage

/// An image in the cache.
public struct StoredImage: Sendable, Hashable, Codable {
    /// As the user named it.
    public var reference: String
    /// The digest of its manifest; of an archive, of the file; of a directory, of what tells it from others.
    public var digest: Digest
    /// Its configuration.
    public var configuration: ImageConfiguration
    /// Its layers, lowest first; a directory that is used in place has none.
    public var layers: [Layer]
    /// The path of its unpacked tree.
    public var tree: String
    /// What the tree is known by.
    public var treeKey: String
    /// Bytes of the tree's files.
    public var size: Int64
    /// What this host could not keep of the image: devices and labels, for an ordinary user.
    public var omitted: [String]
    /// When it was unpacked (RFC 3339, UTC).
    public var pulledAt: String
    /// What the source looked like then: as long as it looks so, nothing is read again.
    var fingerprint: String?

    /// Whether its tree is somebody else's directory, of which the store has nothing.
    public var isInPlace: Bool { layers.isEmpty }

    /// Whether it came with a configuration that somebody wrote for it.
    public var saysWhatItIs: Bool { configuration.config != nil || configuration.created != nil }

    /// One layer.
    public struct Layer: Sendable, Hashable, Codable {
        /// The digest of the compressed bytes.
        public var digest: Digest
        /// The digest of the archive.
        public var diffID: Digest
        /// The compressed size in bytes.
        public var size: Int64

        enum CodingKeys: String, CodingKey {
            case digest, size
            case diffID = "diff_id"
        }
    }

    enum CodingKeys: String, CodingKey {
        case reference, digest, configuration, layers, tree, size, omitted, fingerprint
        case treeKey = "tree_key"
        case pulledAt = "pulled_at"
    }
}
