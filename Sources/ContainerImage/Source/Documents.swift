import FoundationEssentials

/// Reading the JSON documents of an image, each checked against its digest.
struct Documents {
    /// The largest document that is read: registries refuse manifests of more than 4 MiB.
    static let limit = 8 << 20

    let holder: any BlobHolder

    func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8], what: String) throws(ImageError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw .malformedDocument(image: holder.name, what: what, reason: Self.reason(error))
        }
    }

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

    private static func reason(_ error: any Error) -> String {
        guard let failure = error as? DecodingError else { return "\(error)" }
        switch failure {
        case .keyNotFound(let key, _): return "it has no \(key.stringValue)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            return place.isEmpty ? "it is no valid JSON" : "\(place): \(context.debugDescription)"
        @unknown default: return "\(failure)"
        }
    }
}
