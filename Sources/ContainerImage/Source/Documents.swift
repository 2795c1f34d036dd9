/// Reading the documents of an image from where its blobs are, each checked against its digest.
struct Documents {
    static let limit = DocumentReader.limit

    let holder: any BlobHolder
    var reader: DocumentReader { DocumentReader(image: holder.name) }

    /// A document's bytes, which are what the descriptor promises.
    func read(_ descriptor: ContentDescriptor, what: String) throws -> [UInt8] {
        guard let blob = try holder.locate(descriptor.digest) else {
            throw ImageError.missingBlob(image: holder.name, digest: descriptor.digest)
        }
        let bytes = try blob.read(limit: Self.limit)
        var hasher = DigestHasher(descriptor.digest.algorithm)
        bytes.withUnsafeBytes { hasher.update($0) }
        guard hasher.finish() == descriptor.digest else {
            throw ImageError.wrongDigest(
                image: holder.name, what: what, expected: descriptor.digest, found: hasher.finish())
        }
        return bytes
    }
}
