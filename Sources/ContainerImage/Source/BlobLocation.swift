/// Where a blob's bytes are on this host.
public struct BlobLocation: Hashable, Sendable, Codable {
    /// The file that holds it.
    public var path: String
    /// Where it begins in the file.
    public var offset: Int64
    /// How long it is.
    public var size: Int64
}

/// Something that holds an image's blobs.
protocol BlobHolder {
    /// What messages call it.
    var name: String { get }
    /// The layout's index.json.
    func index() throws -> [UInt8]
    /// Where a blob is; nil when it is not there.
    func locate(_ digest: Digest) throws -> BlobLocation?
}
