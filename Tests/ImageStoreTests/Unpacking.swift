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
    try withScratchDirectory { scratch in
        let outside = scratch.appending("outside")
        try Files.createDirectories(outside)
        try Files.writeAtomically("untouched", to: outside.appending("file"))
        defer { expectUntouched(outside) }
        let root = scratch.appending("root")
        try Files.createDirectories(root, mode: 0o755)
        let builder = try TreeBuilder(into: root, width: 3)
        for (index, archive) in layers.enumerated() {
            let place = scratch.appending("layer\(index)")
            try Files.createDirectories(place, mode: 0o755)
            let extractor = try LayerExtractor(into: place)
            var reader = TarReader(MemorySource(archive))
            try extractor.extract(&reader)
            try builder.add(layer: place, encodedChanges: extractor.encodedChanges)
        }
        try builder.finish()
        return try body(UnpackedTree(root: root, scratch: scratch))
    }
}

private func expectUntouched(_ outside: FilePath) {
    #expect((try? Files.readWhole(outside.appending("file"))) == Array("untouched".utf8))
    #expect((try? RootDirectory(outside).entries("/").map(\.name)) == ["file"])
}

/// What a test looks at.
struct UnpackedTree {
    let root: FilePath
    let scratch: FilePath

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
