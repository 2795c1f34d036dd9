internal import Compression
internal import ContainerImage
internal import Glibc
internal import LinuxSystem
internal import SystemPackage
internal import Tar

/// Extracting one layer into the store, unless it is there.
struct LayerJob: Sendable {
    let layout: StoreLayout
    let layer: ResolvedImage.Layer
    /// Whether decompressing and hashing go on in threads of their own while files are written.
    let isPipelined: Bool
    /// How many threads may look at what was written.
    var width = 1
    /// Told of compressed bytes that were read.
    let progress: @Sendable (Int64) -> Void

    func run() throws {
        if try layout.hasLayer(layer.diffID) { return progress(layer.location.size) }
        // One process at a time: the others find it done. Whoever has this lock waits for no other layer's.
        let lock = try FileLock.exclusive(layout.layerLock(layer.diffID), wait: true)
        defer { withExtendedLifetime(lock) {} }
        let final = layout.layer(layer.diffID)
        if try layout.hasLayer(layer.diffID) { return progress(layer.location.size) }
        try TemporaryDirectory.discard(final, layout)
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
        // One that was not fetched, since it was there when that was decided.
        guard Files.exists(FilePath(layer.location.path)) else { throw LayerBlobError.missing(layer: layer.digest) }
        let file = try FileSource(
            FilePath(layer.location.path), offset: layer.location.offset, length: layer.location.size)
        let blob = HashingSource(ProgressSource(file, progress), layer.digest.algorithm)
        let extractor = try LayerExtractor(into: files, isPipelined: isPipelined)
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
            throw LayerBlobError.wrongContent(layer: layer.digest, expected: layer.diffID, found: found)
        }
        let listing = try extractor.finish(width: width)
        try Files.writeAtomically(extractor.encodedChanges, to: layout.layerChanges(place))
        try Files.writeAtomically(listing.encoded(), to: layout.layerListing(place))
        let counts = LayerCounts(listing)
        try Files.writeAtomically(counts.encoded(), to: layout.layerCounts(place))
    }

    /// Extracts the blob and returns its content's digest.
    private func extract(_ blob: HashingSource, with extractor: LayerExtractor) throws -> Digest {
        do {
            let decoded = try Decompression.open(blob).stream
            if !isPipelined {
                let archive = HashingSource(decoded, layer.diffID.algorithm)
                var reader = TarReader(archive)
                try extractor.extract(&reader)
                return archive.digest
            }
            // Four threads: one hashes the blob and decompresses it, one hashes the archive, this one writes files, one finishes them.
            let archive = try PipelinedSource(decoded, hashedWith: layer.diffID.algorithm)
            defer { archive.stop() }
            var reader = TarReader(archive)
            try extractor.extract(&reader)
            archive.stop()
            return archive.digest
        } catch let failure as DecompressionError {
            throw LayerBlobError.unreadable(layer: layer.digest, reason: "\(failure)")
        } catch let failure as TarError {
            throw LayerBlobError.unreadable(layer: layer.digest, reason: "\(failure)")
        }
    }

    private func verifyRest(of blob: HashingSource) throws {
        var blob = blob
        while try blob.skip(1 << 30) > 0 {}
        guard blob.digest == layer.digest else {
            throw LayerBlobError.damaged(layer: layer.digest, found: blob.digest)
        }
    }
}

extension StoreLayout {
    /// Whether a layer is extracted, whole, and in the form of this version.
    func hasLayer(_ diffID: Digest) throws(SystemError) -> Bool {
        let layer = layer(diffID)
        return try Durability.isWhole(layer) && Files.exists(layerCounts(layer)) && Files.exists(layerFiles(layer))
    }
}

/// A layer's blob that is not what it should be.
enum LayerBlobError: Error, CustomStringConvertible {
    /// It is not there.
    case missing(layer: Digest)
    /// Its bytes are not those that its digest says.
    case damaged(layer: Digest, found: Digest)
    /// They are, but nobody could make an archive of them.
    case unreadable(layer: Digest, reason: String)
    /// They are, but the archive is another than the image says.
    case wrongContent(layer: Digest, expected: Digest, found: Digest)

    /// The blob that a source may have whole.
    var blobToFetch: Digest? {
        switch self {
        case .missing(let layer), .damaged(let layer, _): layer
        case .unreadable, .wrongContent: nil
        }
    }

    var description: String {
        switch self {
        case .missing(let layer): "layer \(layer) is missing"
        case .damaged(let layer, let found): "layer \(layer) is damaged: its digest is \(found), it should be \(layer)"
        case .unreadable(let layer, let reason): "layer \(layer): \(reason)"
        case .wrongContent(let layer, let expected, let found):
            "content of layer \(layer) is damaged: its digest is \(found), it should be \(expected)"
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
