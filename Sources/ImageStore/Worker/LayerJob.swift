internal import Compression
internal import ContainerImage
internal import Glibc
internal import LinuxSystem
internal import SystemPackage
internal import Tar

/// Extracting one layer into the store, unless it is there.
struct LayerJob: Sendable {
    let layout: StoreLayout
    let image: String
    let layer: ResolvedImage.Layer
    /// Told of compressed bytes that were read.
    let progress: @Sendable (Int64) -> Void

    func run() throws {
        let final = layout.layer(layer.diffID)
        if Files.exists(final) { return progress(layer.location.size) }
        let place = try TemporaryDirectory(in: layout.temporary, name: "layer")
        do {
            try extract(into: place.path)
            try publish(place.path, as: final)
        } catch {
            try place.remove()
            throw error
        }
    }

    private func extract(into place: FilePath) throws {
        let files = layout.layerFiles(place)
        try Files.createDirectories(files, mode: 0o755)
        let file = try FileSource(FilePath(layer.location.path), offset: layer.location.offset, length: layer.location.size)
        let blob = HashingSource(ProgressSource(file, progress), layer.digest.algorithm)
        let (decoded, _) = try Decompression.open(blob)
        let archive = HashingSource(decoded, layer.diffID.algorithm)
        let extractor = try LayerExtractor(into: files)
        var reader = TarReader(archive)
        var failure: (any Error)?
        do {
            try extractor.extract(&reader)
        } catch {
            failure = error
        }
        // A blob that is not what it should be explains every other failure, so that is asked first.
        try verify(blob, against: layer.digest, what: "layer \(layer.digest)")
        if let failure { throw failure }
        try verify(archive, against: layer.diffID, what: "content of layer \(layer.digest)")
        try Files.writeAtomically(extractor.changes.encoded(), to: layout.layerChanges(place))
    }

    private func verify(_ source: HashingSource, against expected: Digest, what: String) throws {
        var source = source
        do {
            while try source.skip(1 << 30) > 0 {}
        } catch let failure as DecompressionError {
            throw LayerBlobError.damaged(what: what, reason: "\(failure)")
        }
        guard source.digest == expected else {
            throw ImageError.wrongDigest(image: image, what: what, expected: expected, found: source.digest)
        }
    }

    /// Another worker may have been quicker with the same layer; then ours is superfluous.
    private func publish(_ place: FilePath, as final: FilePath) throws {
        let directory = try OwnedDescriptor(opening: place, .readOnly, options: [.directory])
        try StorePublication.publish(place, as: final, directory: directory)
    }
}

/// A layer's blob that cannot be read to its end.
enum LayerBlobError: Error, CustomStringConvertible {
    case damaged(what: String, reason: String)

    var description: String {
        switch self {
        case .damaged(let what, let reason): "\(what): \(reason)"
        }
    }
}

/// A stream that tells how far it is.
private struct ProgressSource: ByteSource {
    private var source: FileSource
    private let progress: @Sendable (Int64) -> Void

    init(_ source: FileSource, _ progress: @escaping @Sendable (Int64) -> Void) {
        self.source = source
        self.progress = progress
    }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try source.read(into: buffer)
        progress(Int64(count))
        return count
    }
}
