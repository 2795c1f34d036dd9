import Compression
import Glibc
import ImageStore
import LinuxSystem
import SystemPackage
import Tar
import TarFixtures

/// What a layer goes through: decompression, the archive's headers, files, trees. And the store's own records of it, which a failing
/// disk may change.
let layerTargets: [String: FuzzTarget] = [
    "compressed-stream": { bytes in
        guard var stream = try? Decompression.open(MemorySource(bytes)).stream else { return }
        _ = try? stream.readAll(limit: 1 << 20)
    },
    "archive": { bytes in
        var reader = TarReader(MemorySource(bytes))
        var entries = 0
        while let entry = try? reader.next() {
            entries += 1
            promise(entries <= bytes.count / 512, "more entries than headers")
            promise(entry.size >= 0 && entry.storedSize >= 0, "a negative size")
            withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 16) { buffer in
                while let piece = try? reader.read(through: buffer), !piece.isEmpty {}
            }
        }
    },
    "layer": { bytes in
        scratch.begin()
        let place = scratch.path.appending("layer")
        mkdir(place.string, 0o755)
        _ = try? extract(bytes, into: place)
        promise(scratch.isUntouched, "something outside the layer has changed")
    },
    "layers": { bytes in
        // Two layers: the first fifteen bits say where the second begins, and the next whether there is one more.
        guard bytes.count > 2 else { return }
        let cut = min(bytes.count, 2 + Int(bytes[0]) * 512 + Int(bytes[1] & 0x7f) * 512 * 256)
        scratch.begin()
        let root = scratch.path.appending("root")
        let other = scratch.path.appending("other")
        mkdir(root.string, 0o755)
        mkdir(other.string, 0o755)
        let layers = [Array(bytes[2..<cut]), Array(bytes[cut...])] + (bytes[1] & 0x80 == 0 ? [] : [hiding])
        merge(layers, into: root, other: other)
        promise(scratch.isUntouched, "something outside the tree has changed")
    },
    "listing": { bytes in
        guard let listing = LayerListing(decoding: bytes) else { return }
        promise(listing.encoded() == bytes, "a listing changes by being written")
        _ = listing.differences(from: listing)
    },
]

private func extract(_ bytes: [UInt8], into place: FilePath) throws -> TreeBuilder.Layer {
    let extractor = try LayerExtractor(into: place)
    var reader = TarReader(MemorySource(bytes))
    try extractor.extract(&reader)
    let listing = try extractor.finish()
    return try TreeBuilder.Layer(place, encodedChanges: extractor.encodedChanges, fileBytes: listing.fileBytes)
}

/// In one walk and one after another: both must fail, or make trees that have as much.
private func merge(_ layers: [[UInt8]], into root: FilePath, other: FilePath) {
    guard
        let extracted = try? layers.enumerated().map({ index, bytes in
            let place = scratch.path.appending("layer\(index)")
            mkdir(place.string, 0o755)
            return try extract(bytes, into: place)
        })
    else { return }
    func make(_ root: FilePath, _ build: (TreeBuilder) throws -> Void) -> TreeSize? {
        guard let builder = try? TreeBuilder(into: root), (try? build(builder)) != nil else { return nil }
        return try? builder.finish()
    }
    let size = make(root) { try $0.build(extracted) { _, _ in } }
    let inTurn = make(other) { builder in for layer in extracted { try builder.add(layer) } }
    promise(
        size?.entries == inTurn?.entries && size?.bytes == inTurn?.bytes,
        "layers in one walk make another tree than one after another")
}

/// A layer above all that hides something of what there may be.
private let hiding: [UInt8] = {
    var builder = TarBuilder()
    builder.add("a/", "5")
    builder.add("a/.wh.b")
    builder.add("b", "0", "a file")
    builder.add("c/", "5")
    builder.add("c/.wh..wh..opq")
    return builder.finished
}()

private let scratch = Scratch(name: "layers")

/// A directory that is empty for every input, in one that has a file by which it is seen whether somebody has got out.
struct Scratch {
    private let top: FilePath
    var path: FilePath { top.appending("inside") }

    init(name: String) {
        guard let place = getenv("BCVK_FUZZ_SCRATCH") else { fatalError("BCVK_FUZZ_SCRATCH is not set") }
        top = FilePath(String(cString: place)).appending(name)
        _ = try? Files.createDirectories(top)
        _ = try? Files.writeAtomically("untouched", to: top.appending("outside"))
    }

    func begin() {
        do {
            try Files.removeTree(path)
            try Files.createDirectories(path)
        } catch {
            fatalError("what was left cannot be removed: \(error)")
        }
    }

    var isUntouched: Bool {
        (try? Files.readWhole(top.appending("outside"))) == Array("untouched".utf8)
            && (try? RootDirectory(top).entries("/").map(\.name)) == ["inside", "outside"]
    }
}
