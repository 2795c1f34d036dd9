import CLinux
import Compression
import Glibc
import ImageFixtures
import ImageStore
import LinuxSystem
import SystemPackage
import Tar
import TarFixtures
import Testing

/// A layer's archive whose entries belong to whoever runs the tests.
func layer(_ write: (inout TarBuilder) -> Void) -> [UInt8] {
    var builder = TarBuilder()
    builder.owner = Int(geteuid())
    builder.group = Int(getegid())
    write(&builder)
    return builder.finished
}

/// Extracts layers, puts them together and hands the tree over. What stands outside of the tree must stay as it is.
func withTree(_ layers: [UInt8]..., body: (UnpackedTree) throws -> Void) throws {
    try withTree(of: layers, body: body)
}

/// The same with any number of layers.
func withTree(of layers: [[UInt8]], body: (UnpackedTree) throws -> Void) throws {
    try withScratchDirectory { scratch in
        let outside = scratch.appending("outside")
        try Files.createDirectories(outside)
        try Files.writeAtomically("untouched", to: outside.appending("file"))
        defer { expectUntouched(outside) }
        var extracted: [TreeBuilder.Layer] = []
        for (index, archive) in layers.enumerated() {
            extracted.append(try extractedLayer(archive, into: scratch.appending("layer\(index)")))
        }
        // In one walk or one after another: it is the same tree.
        var (names, namesInTurn): ([Int], [Int]) = ([], [])
        var united = 0
        let (root, size) = try tree("root", scratch) { builder in
            try builder.build(extracted) { names.append($1) }
            united = builder.united
        }
        let (other, sizeInTurn) = try tree("other", scratch) { builder in
            for layer in extracted { namesInTurn.append(try builder.add(layer)) }
        }
        #expect(names == namesInTurn)
        #expect(size.entries == sizeInTurn.entries)
        #expect(size.bytes == sizeInTurn.bytes)
        let inTurn = UnpackedTree(root: other, scratch: scratch)
        try #expect(UnpackedTree(root: root, scratch: scratch).description() == inTurn.description())
        try Files.removeTree(other)
        return try body(UnpackedTree(root: root, scratch: scratch, united: united))
    }
}

/// Extracts a layer's archive into a new directory.
func extractedLayer(_ archive: [UInt8], into place: FilePath) throws -> TreeBuilder.Layer {
    try Files.createDirectories(place, mode: 0o755)
    let extractor = try LayerExtractor(into: place)
    let listing = try extract(archive, extractor)
    // With threads it is the same.
    let other = place.removingLastComponent().appending("pipelined")
    try Files.createDirectories(other, mode: 0o755)
    let pipelined = try LayerExtractor(into: other, isPipelined: true)
    #expect(try withoutMoments(extract(archive, pipelined)).differences(from: withoutMoments(listing)) == [])
    try Files.removeTree(other)
    return try TreeBuilder.Layer(place, encodedChanges: extractor.encodedChanges, fileBytes: listing.fileBytes)
}

/// Without the times of directories: those that the archive only passes through have the moment when they were made.
private func withoutMoments(_ listing: LayerListing) -> LayerListing {
    var listing = listing
    for index in listing.entries.indices where listing.entries[index].mode & UInt32(S_IFMT) == UInt32(S_IFDIR) {
        listing.entries[index].modifiedSeconds = 0
        listing.entries[index].modifiedNanoseconds = 0
    }
    return listing
}

private func extract(_ archive: [UInt8], _ extractor: LayerExtractor) throws -> LayerListing {
    var reader = TarReader(MemorySource(archive))
    try extractor.extract(&reader)
    return try extractor.finish(width: 2)
}

private func tree(
    _ name: String, _ scratch: FilePath, _ build: (TreeBuilder) throws -> Void
) throws -> (root: FilePath, size: TreeSize) {
    let root = scratch.appending(name)
    try Files.createDirectories(root, mode: 0o755)
    let builder = try TreeBuilder(into: root, width: 3)
    try build(builder)
    let size = try builder.finish()
    // The root is none of them.
    try #expect(size.entries == UnpackedTree(root: root, scratch: scratch).description().count - 1)
    return (root, size)
}

private func expectUntouched(_ outside: FilePath) {
    #expect((try? Files.readWhole(outside.appending("file"))) == Array("untouched".utf8))
    #expect((try? RootDirectory(outside).entries("/").map(\.name)) == ["file"])
}

/// What a test looks at.
struct UnpackedTree {
    let root: FilePath
    let scratch: FilePath
    /// How many layers were put together in one walk.
    var united = 0

    /// Every name below the root, sorted.
    func names() throws -> [String] {
        func walk(_ path: String) throws -> [String] {
            try RootDirectory(root).entries(path).flatMap { entry -> [String] in
                let inner = path.isEmpty ? entry.name : "\(path)/\(entry.name)"
                return [inner] + (entry.kind == .directory ? try walk(inner) : [])
            }
        }
        return try walk("")
    }

    /// Every name with what there is to know of it: files are the layers' own, so that their number says all.
    func description() throws -> [String] {
        func walk(_ directory: borrowing OwnedDescriptor, _ path: [UInt8]) throws -> [String] {
            let own = try Self.status(RawName(".".utf8), in: directory.raw)
            let head = "\(path)/ \(own.st_mode) \(own.st_uid) \(own.st_gid) \(own.st_mtim)"
            return try directory.rawEntries(subject: "tree").reduce(into: [head]) { found, entry in
                let inner = path + [UInt8(ascii: "/")] + entry.name.bytes
                guard entry.kind == .directory else {
                    found.append("\(inner) \(try Self.status(entry.name, in: directory.raw).st_ino)")
                    return
                }
                let number = entry.name.withCString { openat(directory.raw, $0, O_RDONLY | O_DIRECTORY) }
                try #require(number >= 0)
                found += try walk(OwnedDescriptor(owning: number), inner)
            }
        }
        return try walk(try OwnedDescriptor(opening: root, .readOnly, options: [.directory]), []).sorted()
    }

    private static func status(_ name: RawName, in directory: Int32) throws -> stat {
        var status = stat()
        try #require(name.withCString { fstatat(directory, $0, &status, AT_SYMLINK_NOFOLLOW) } == 0)
        return status
    }

    /// What a name stands for; links are not followed.
    func status(_ path: String) throws -> FileStatus {
        try #require(try RootDirectory(root).status(path, followLinks: false))
    }

    func text(_ path: String) throws -> String {
        String(decoding: try RootDirectory(root).readFile(path), as: UTF8.self)
    }

    func linkTarget(_ path: String) throws -> String? {
        try RootDirectory(root).linkTarget(path)
    }

    func attribute(_ name: String, of path: String) -> [UInt8]? {
        var value = [UInt8](repeating: 0, count: 256)
        let count = clinux_get_attribute(root.appending(path).string, name, &value, value.count)
        return count < 0 ? nil : Array(value[..<count])
    }
}
