import ContainerImage
import ImageFixtures
import ImageStore
import LinuxSystem
import SystemPackage
import Testing

/// A scratch directory with an empty store in it, and what makes images there.
struct StorePlace {
    let scratch: FilePath
    var store: ImageStore { ImageStore(writingItself: scratch.appending("cache")) }
    var cache: FilePath { scratch.appending("cache") }

    func write(_ name: String, _ layers: [(stored: [UInt8], archive: [UInt8])]) throws -> ImageReference {
        var builder = LayoutBuilder()
        builder.top([builder.image(layers: layers, architecture: Platform.host.architecture)])
        let directory = scratch.appending(name)
        try Files.removeTree(directory)
        try builder.write(to: directory)
        return try ImageReference("oci:\(directory)")
    }

    func pull(_ reference: ImageReference, _ freshness: ImageStore.Freshness = .cached) throws -> StoredImage {
        try store.image(reference, freshness: freshness, progress: { _ in })
    }

    func text(_ path: String, in image: StoredImage) throws -> String {
        String(decoding: try RootDirectory(FilePath(image.tree)).readFile(path), as: UTF8.self)
    }

    func names(_ directory: String) throws -> [String] {
        try RootDirectory(cache).entries(directory).map(\.name)
    }

    func expectNothingLeft() throws {
        try #expect(names("tmp") == [])
        try #expect(names("trees") == [])
        try #expect(names("images") == [])
    }
}

func withPlace(_ body: (StorePlace) throws -> Void) throws {
    try withScratchDirectory { try body(StorePlace(scratch: $0)) }
}
