public import SystemPackage

/// What finding an image takes beside its name.
public struct SourceRequest {
    /// What the image has to run on.
    public var platform: Platform
    /// An empty directory for what has to be fetched first; the caller removes it when the layers have been read.
    public var temporary: FilePath
    /// How registries are asked.
    public var registry = RegistryAccess()
    /// Blobs that an interrupted fetch has left, by algorithm and value; none are used without.
    public var keptBlobs: FilePath?
    /// Whether a layer of this diff ID is unpacked already: its blob is not fetched then.
    public var hasLayer: (Digest) -> Bool = { _ in false }
    /// Told of steps that may take long.
    public var progress: (SourceProgress) -> Void = { _ in }

    /// A request with nothing known before.
    public init(platform: Platform, temporary: FilePath) {
        self.platform = platform
        self.temporary = temporary
    }
}

/// What a caller is told while an image is looked for.
public enum SourceProgress: Sendable, Hashable {
    /// A step that takes long.
    case note(String)
    /// Bytes of blobs that have come, of those that are wanted.
    case fetching(done: Int64, total: Int64)
}

/// How registries are asked; skopeo's own files say the rest (containers-auth.json(5), containers-registries.conf(5)).
public struct RegistryAccess: Sendable, Hashable {
    /// A file with credentials, in place of the usual ones.
    public var authFile: String?
    /// `user:password`.
    public var credentials: String?
    /// Whether certificates are asked for; nil asks, except of registries on this host itself.
    public var verifiesTLS: Bool?
    /// A directory with certificates and keys.
    public var certificates: String?

    /// The usual files, and certificates asked for.
    public init() {}
}
