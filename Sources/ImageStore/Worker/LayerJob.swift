internal import Compression
internal import ContainerImage
internal import LinuxSystem
internal import SystemPackage
internal import Tar

/// Extracting one layer into the store, unless it is there.
struct LayerJob: Sendable {
    let layout: StoreLayout
    let layer: ResolvedImage.Layer
    /// Told of compressed bytes that were read.
    let progress: @Sendable (Int64) -> Void

    func run() throws {
        // One process at a time: the others find it done. Whoever has this lock waits for no other layer's.
        let lock = try FileLock.exclusive(layout.layerLock(layer.diffID), wait: true)
        defer { withExtendedLifetime(lock) {} }
        let final = layout.layer(layer.diffID)
        if try Durability.isWhole(final) { return progress(layer.location.size) }
        try Files.removeTree(final)
        let place = try TemporaryDirectory(layout, name: "layer")
        do {
            try extract(into: place.path)
            try Durability.markUnsynced(place.path)
            try place.publish(as: final)
        } catch {
            try place.remove()
            throw error
        }
    }

    private func extract(into place: FilePath) throws {
        let files = layout.layerFiles(place)
        try Files.createDirectories(files, mode: 0o755)
        let file = try FileSource(
            FilePath(layer.location.path), offset: layer.location.offset, length: layer.location.size)
        let blob = HashingSource(ProgressSource(file, progress), layer.digest.algorithm)
        let extractor = try LayerExtractor(into: files)
        let found: Digest
        do {
            found = try extract(blob, with: extractor)
        } catch {
            // A blob that is not what it should be explains every other failure.
            try verifyRest(of: blob)
            throw error
        }
        try verifyRest(of: blob)
        guard found == layer.diffID else {
            throw LayerBlobError.wrongDigest(
                what: "content of layer \(layer.digest)", expected: layer.diffID, found: found)
        }
        try Files.writeAtomically(extractor.encodedChanges, to: layout.layerChanges(place))
    }

    /// Extracts the blob and returns its content's digest.
    private func extract(_ blob: HashingSource, with extractor: LayerExtractor) throws -> Digest {
        do {
            let archive = HashingSource(try Decompression.open(blob).stream, layer.diffID.algorithm)
            let ahead = try PipelinedSource(archive)
            defer { ahead.stop() }
            var reader = TarReader(ahead)
            try extractor.extract(&reader)
            ahead.stop()
            return archive.digest
        } catch let failure as DecompressionError {
            throw LayerBlobError.damaged(what: "layer \(layer.digest)", reason: "\(failure)")
        } catch let failure as TarError {
            throw LayerBlobError.damaged(what: "layer \(layer.digest)", reason: "\(failure)")
        }
    }

    private func verifyRest(of blob: HashingSource) throws {
        var blob = blob
        while try blob.skip(1 << 30) > 0 {}
        guard blob.digest == layer.digest else {
            throw LayerBlobError.wrongDigest(what: "layer \(layer.digest)", expected: layer.digest, found: blob.digest)
        }
    }
}

/// A layer's blob that is not what it should be.
enum LayerBlobError: Error, CustomStringConvertible {
    case damaged(what: String, reason: String)
    case wrongDigest(what: String, expected: Digest, found: Digest)

    var description: String {
        switch self {
        case .damaged(let what, let reason): "\(what): \(reason)"
        case .wrongDigest(let what, let expected, let found):
            "\(what) is damaged: its digest is \(found), it should be \(expected)"
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
