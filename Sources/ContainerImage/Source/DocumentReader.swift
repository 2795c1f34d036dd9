import FoundationEssentials

/// Decoding the JSON documents of an image.
package struct DocumentReader {
    /// The largest document that is read: registries refuse manifests of more than 4 MiB.
    static let limit = 8 << 20

    /// What messages call the image.
    let image: String

    package init(image: String) {
        self.image = image
    }

    package func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8], what: String) throws(ImageError)
        -> Value
    {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw .malformedDocument(image: image, what: what, reason: Self.reason(error))
        }
    }

    package func manifest(_ bytes: [UInt8]) throws(ImageError) -> ImageManifest {
        try decode(ImageManifest.self, bytes, what: "manifest")
    }

    package func configuration(_ bytes: [UInt8]) throws(ImageError) -> ImageConfiguration {
        try decode(ImageConfiguration.self, bytes, what: "configuration")
    }

    /// The index that a document is; nil when it is a manifest. Its media type says it, or else its members.
    package func index(_ bytes: [UInt8]) throws(ImageError) -> ImageIndex? {
        let form = try decode(DocumentForm.self, bytes, what: "manifest")
        let isIndex = form.mediaType.map(MediaType.isIndex) ?? (form.config == nil)
        return isIndex ? try decode(ImageIndex.self, bytes, what: "image index") : nil
    }

    private struct DocumentForm: Decodable {
        var mediaType: String?
        var config: ContentDescriptor?
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
