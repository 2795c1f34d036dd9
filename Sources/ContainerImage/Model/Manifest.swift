/// A reference to content (OCI image specification, "Content Descriptors").
public struct ContentDescriptor: Hashable, Sendable, Codable {
    /// What the content is.
    public var mediaType: String?
    /// Its digest.
    public var digest: Digest
    /// Its length in bytes.
    public var size: Int64
    /// For manifests in an index: what they are for.
    public var platform: Platform?
    /// Free annotations.
    public var annotations: [String: String]?

    /// A reference.
    public init(mediaType: String?, digest: Digest, size: Int64, platform: Platform? = nil) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.platform = platform
    }
}

/// An image's manifest: OCI image manifest v1, or Docker's schema 2, which has the same members.
public struct ImageManifest: Hashable, Sendable, Codable {
    /// What it is.
    public var mediaType: String?
    /// The image's configuration.
    public var config: ContentDescriptor
    /// The layers, lowest first.
    public var layers: [ContentDescriptor]
}

/// A list of manifests: OCI image index v1, or Docker's manifest list. Also an OCI layout's index.json.
public struct ImageIndex: Hashable, Sendable, Codable {
    /// What it is.
    public var mediaType: String?
    /// The manifests.
    public var manifests: [ContentDescriptor]
}

/// The media types that matter for telling an index from a manifest.
enum MediaType {
    static func isIndex(_ type: String?) -> Bool {
        type == "application/vnd.oci.image.index.v1+json"
            || type == "application/vnd.docker.distribution.manifest.list.v2+json"
    }
}
