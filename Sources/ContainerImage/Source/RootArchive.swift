internal import Compression
internal import LinuxSystem
internal import SystemPackage

/// A root file system in a tar file, taken as an image of one layer.
struct RootArchive {
    private let layer: ResolvedImage.Layer

    /// Reads the archive once for its digests.
    /// - Parameter name: what messages call it.
    init(_ path: String, shownAs name: String, _ request: SourceRequest) throws {
        guard Files.exists(FilePath(path)) else { throw ImageError.missingPath(path) }
        let status = try OwnedDescriptor(opening: FilePath(path), .readOnly, options: [.nonBlocking]).status()
        guard status.kind == .regular else {
            throw ImageError.notARootArchive(
                name, reason: status.kind == .directory ? ImageError.isDirectory : "it is no file")
        }
        request.progress(.note("reading \(name)"))
        var blob = HashingSource(try FileSource(FilePath(path)), .sha256)
        do {
            var archive = HashingSource(try Decompression.open(blob).stream, .sha256)
            while try archive.skip(1 << 30) > 0 {}
            while try blob.skip(1 << 30) > 0 {}
            layer = ResolvedImage.Layer(
                digest: blob.digest, diffID: archive.digest,
                location: BlobLocation(path: path, offset: 0, size: blob.count))
        } catch let failure as DecompressionError {
            throw ImageError.notARootArchive(name, reason: "\(failure)")
        }
    }

    /// The archive as an image.
    /// - Parameter upper: layers that stand on it.
    func image(_ configuration: ImageConfiguration, upper: [ResolvedImage.Layer] = []) -> ResolvedImage {
        let layers = [layer] + upper
        var configuration = configuration
        configuration.rootfs = .init(type: "layers", diffIDs: layers.map(\.diffID))
        let manifest = ImageManifest(
            mediaType: nil, config: ContentDescriptor(mediaType: nil, digest: layer.digest, size: 0),
            layers: layers.map { ContentDescriptor(mediaType: nil, digest: $0.digest, size: $0.location.size) })
        return ResolvedImage(digest: layer.digest, manifest: manifest, configuration: configuration, layers: layers)
    }
}

extension ImageConfiguration {
    /// Of something that says nothing of itself but that it should run here.
    public init(running platform: Platform) {
        self.init(
            architecture: platform.architecture, variant: platform.variant, os: platform.os, config: nil,
            rootfs: RootFileSystem(type: "layers", diffIDs: []))
    }
}
