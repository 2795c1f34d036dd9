/// An image whose documents have been read and checked; its layers have not been touched yet.
public struct ResolvedImage: Sendable {
    /// One layer: where its bytes are, and what they must be.
    public struct Layer: Hashable, Sendable, Codable {
        /// The digest of the bytes as they are stored.
        public var digest: Digest
        /// The digest of the decompressed archive.
        public var diffID: Digest
        /// Where the bytes are.
        public var location: BlobLocation
    }

    /// The digest of the manifest.
    public let digest: Digest
    /// The manifest.
    public let manifest: ImageManifest
    /// The configuration.
    public let configuration: ImageConfiguration
    /// The layers, lowest first.
    public let layers: [Layer]

    init(digest: Digest, manifest: ImageManifest, configuration: ImageConfiguration, layers: [Layer]) {
        self.digest = digest
        self.manifest = manifest
        self.configuration = configuration
        self.layers = layers
    }

    init(holder: any BlobHolder, tag: String?, platform: Platform) throws {
        let documents = Documents(holder: holder)
        let index = try documents.reader.decode(ImageIndex.self, try holder.index(), what: "index.json")
        let top = try Self.choose(tag: tag, in: index, of: holder.name)
        let (descriptor, manifestBytes) = try Self.manifest(top, documents, platform, depth: 0)
        digest = descriptor.digest
        manifest = try documents.reader.manifest(manifestBytes)
        configuration = try documents.reader.configuration(
            try documents.read(manifest.config, what: "configuration"))
        let diffIDs = configuration.rootfs.diffIDs
        guard diffIDs.count == manifest.layers.count else {
            throw ImageError.layerCountMismatch(
                image: holder.name, layers: manifest.layers.count, diffIDs: diffIDs.count)
        }
        layers = try zip(manifest.layers, diffIDs).map { layer, diffID in
            guard let location = try holder.locate(layer.digest) else {
                throw ImageError.missingBlob(image: holder.name, digest: layer.digest)
            }
            guard location.size == layer.size else {
                throw ImageError.wrongSize(
                    image: holder.name, what: "layer \(layer.digest)", expected: layer.size, found: location.size)
            }
            return Layer(digest: layer.digest, diffID: diffID, location: location)
        }
    }

    /// The entry of a layout's index that a tag names; without a tag the only one.
    private static func choose(
        tag: String?, in index: ImageIndex, of name: String
    ) throws(ImageError) -> ContentDescriptor {
        func nameOf(_ descriptor: ContentDescriptor) -> String? {
            descriptor.annotations?["org.opencontainers.image.ref.name"]
        }
        let tags = index.manifests.compactMap(nameOf)
        if let tag {
            if let found = index.manifests.first(where: { nameOf($0) == tag }) { return found }
            throw .noSuchTag(image: name, tag: tag, tags: tags)
        }
        if let latest = index.manifests.first(where: { nameOf($0) == "latest" }) { return latest }
        // Without names, several entries are one image for several platforms, as buildkit writes them.
        guard index.manifests.count > 1 else {
            guard let only = index.manifests.first else {
                throw .malformedDocument(image: name, what: "index.json", reason: "it lists no image")
            }
            return only
        }
        if tags.isEmpty, let own = index.manifests.first(where: { $0.platform.map(Platform.host.runs) ?? false }) {
            return own
        }
        throw .tagNeeded(image: name, tags: tags)
    }

    /// Follows indexes to the manifest for a platform.
    private static func manifest(
        _ descriptor: ContentDescriptor, _ documents: Documents, _ platform: Platform, depth: Int
    ) throws -> (ContentDescriptor, [UInt8]) {
        let bytes = try documents.read(descriptor, what: "manifest \(descriptor.digest)")
        guard MediaType.isIndex(descriptor.mediaType) else { return (descriptor, bytes) }
        let index = try documents.reader.decode(ImageIndex.self, bytes, what: "image index")
        let chosen = try choose(platform, in: index, of: documents.holder.name, depth: depth)
        return try manifest(chosen, documents, platform, depth: depth + 1)
    }

    /// The entry of an index that is for a platform.
    /// - Parameter depth: how many indexes led here; a chain of them must end.
    package static func choose(
        _ platform: Platform, in index: ImageIndex, of image: String, depth: Int
    ) throws(ImageError) -> ContentDescriptor {
        // Attestations stand in an index as images for the platform unknown/unknown.
        let available = index.manifests.compactMap(\.platform).filter { $0.os != "unknown" }
        // What says no platform says it inside: an index in the index, or a manifest that stands alone.
        let unmarked = index.manifests.first {
            $0.platform == nil && (MediaType.isIndex($0.mediaType) || index.manifests.count == 1)
        }
        guard let chosen = index.manifests.first(where: { $0.platform.map(platform.runs) ?? false }) ?? unmarked,
            depth < 4
        else { throw .noPlatform(image: image, wanted: platform, available: available.map(\.description)) }
        return chosen
    }
}
