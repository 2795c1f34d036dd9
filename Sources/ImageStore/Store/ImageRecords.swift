internal import ContainerImage
import FoundationEssentials
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// What the store knows of each image that it holds: one file for every reference.
struct ImageRecords {
    let layout: StoreLayout

    /// The image that has this name; nil when there is none.
    func find(_ reference: String) throws -> StoredImage? {
        try read(path(reference))
    }

    /// All images, by name.
    func all() throws -> [StoredImage] {
        guard Files.exists(layout.images) else { return [] }
        return try RootDirectory(layout.images).entries("/").compactMap { entry in
            guard entry.name.hasSuffix(".json") else { return nil }
            return try read(layout.images.appending(entry.name))
        }.sorted { $0.reference < $1.reference }
    }

    /// Those that a user means by a name, or by the beginning of a digest.
    func matching(_ name: String) throws -> [StoredImage] {
        let images = try all()
        let exact = images.filter { $0.reference == name }
        if !exact.isEmpty { return exact }
        let hex = name.hasPrefix("sha256:") ? name.dropFirst("sha256:".count) : name[...]
        guard hex.count >= 4, hex.allSatisfy(\.isHexDigit) else { throw StoreError.noSuchImage(name) }
        let found = images.filter { $0.digest.hex.hasPrefix(hex.lowercased()) }
        guard !found.isEmpty else { throw StoreError.noSuchImage(name) }
        guard Set(found.map(\.digest)).count == 1 else { throw StoreError.severalImages(name) }
        return found
    }

    func write(_ image: StoredImage) throws {
        try Files.writeAtomically(Array(try JSONEncoder().encode(image)), to: path(image.reference))
    }

    func remove(_ image: StoredImage) throws(SystemError) {
        let path = path(image.reference)
        guard unlink(path.string) == 0 || errno == ENOENT else { throw SystemError("remove", path.string) }
    }

    private func path(_ reference: String) -> FilePath {
        layout.images.appending(Digest.sha256(reference.utf8).hex + ".json")
    }

    /// A record that cannot be read is one that a newer or older program wrote: the image is asked for anew.
    private func read(_ path: FilePath) throws -> StoredImage? {
        guard let bytes = try Files.readIfPresent(path) else { return nil }
        return try? JSONDecoder().decode(StoredImage.self, from: Data(bytes))
    }
}
