public import ContainerImage
import FoundationEssentials
internal import Glibc
internal import LinuxSystem
public import SystemPackage

/// The cache of unpacked images.
public struct ImageStore: Sendable {
    /// What a caller is told while it waits.
    public enum Progress: Sendable {
        /// A step that takes long.
        case note(String)
        /// Bytes of layers that were unpacked.
        case unpacking(done: Int64, total: Int64)
    }

    /// Whether an image in the cache is good enough.
    public enum Freshness: Sendable {
        /// As long as its source looks the same; one from a registry always.
        case cached
        /// Its source is asked again.
        case current
    }

    let layout: StoreLayout
    private let worker: Worker

    /// - Parameters:
    ///   - directory: the cache's directory; it is made when something is unpacked.
    ///   - worker: this program's words that make it call `StoreWorker.main`.
    public init(directory: FilePath, worker: [String]) {
        layout = StoreLayout(directory: directory)
        self.worker = .child(arguments: worker)
    }

    /// A cache that is written by this process itself: for tests.
    package init(writingItself directory: FilePath) {
        layout = StoreLayout(directory: directory)
        worker = .thread
    }

    /// A directory for things derived from a tree, made when it is not there.
    public var derivedDirectory: FilePath { layout.derived }

    /// Finds an image, in the cache or at its source, and unpacks what is not there.
    public func image(
        _ reference: ImageReference, platform: Platform = .host, freshness: Freshness,
        progress: (Progress) -> Void
    ) throws -> StoredImage {
        let fingerprint = try SourceFingerprint.of(reference)
        if let known = try record(reference.description), try Durability.isWhole(layout.tree(known.treeKey)),
            platform.runs(known.configuration.platform)
        {
            let isUnchanged = fingerprint != nil && known.fingerprint == fingerprint
            if isUnchanged || (fingerprint == nil && freshness == .cached && Self.isRemote(reference)) { return known }
        }
        try layout.prepare()
        let temporary = try TemporaryDirectory(layout, name: "source")
        let result: Result<StoredImage, any Error> = Result {
            let resolved = try ImageSource.resolve(reference, platform: platform, temporary: temporary.path) {
                progress(.note($0))
            }
            guard platform.runs(resolved.configuration.platform) else {
                throw ImageError.noPlatform(
                    image: reference.description, wanted: platform,
                    available: [resolved.configuration.platform.description])
            }
            return try unpack(resolved, reference, fingerprint, progress)
        }
        try temporary.remove()
        let image = try result.get()
        try Files.writeAtomically(Array(try JSONEncoder().encode(image)), to: recordPath(image.reference))
        return image
    }

    /// All images of the cache, by name.
    public func images() throws -> [StoredImage] {
        guard Files.exists(layout.images) else { return [] }
        return try RootDirectory(layout.images).entries("/").compactMap { entry in
            guard entry.name.hasSuffix(".json") else { return nil }
            return try read(layout.images.appending(entry.name))
        }.sorted { $0.reference < $1.reference }
    }

    /// Keeps a tree from being removed.
    public func lease(_ image: StoredImage) throws -> TreeLease {
        guard let lock = try FileLock.shared(layout.treeLock(image.treeKey), wait: true) else {
            throw SystemError("lock", image.tree, errno: EWOULDBLOCK)
        }
        // Between the search for the image and the lock somebody may have removed it.
        guard try Durability.isWhole(layout.tree(image.treeKey)) else { throw StoreError.removed(image.reference) }
        return TreeLease(lock: lock)
    }

    // MARK: Records

    private static func isRemote(_ reference: ImageReference) -> Bool {
        switch reference.transport {
        case .skopeo(let text): text.hasPrefix("docker://")
        case .name: true
        case .oci, .ociArchive: false
        }
    }

    private func recordPath(_ reference: String) -> FilePath {
        layout.images.appending(Digest.sha256(reference.utf8).hex + ".json")
    }

    private func record(_ reference: String) throws -> StoredImage? {
        let path = recordPath(reference)
        return Files.exists(path) ? try read(path) : nil
    }

    /// A record that cannot be read is one that a newer or older program wrote: it is made anew.
    private func read(_ path: FilePath) throws -> StoredImage? {
        guard let bytes = try Files.readIfPresent(path) else { return nil }
        return try? JSONDecoder().decode(StoredImage.self, from: Data(bytes))
    }

    // MARK: Unpacking

    private func unpack(
        _ resolved: ResolvedImage, _ reference: ImageReference, _ fingerprint: String?, _ progress: (Progress) -> Void
    ) throws -> StoredImage {
        let key = StoreLayout.treeKey(resolved.layers.map(\.diffID))
        let tree = layout.tree(key)
        var image = StoredImage(
            reference: reference.description, digest: resolved.digest, configuration: resolved.configuration,
            layers: resolved.layers.map { .init(digest: $0.digest, diffID: $0.diffID, size: $0.location.size) },
            tree: layout.root(tree).string, treeKey: key, size: 0, omitted: [],
            pulledAt: Date().formatted(.iso8601), fingerprint: fingerprint)
        var lock = try FileLock.exclusive(layout.treeLock(key), wait: false)
        if lock == nil, try !Durability.isWhole(tree) {
            progress(.note("waiting for another bcvk that unpacks the same image"))
            lock = try FileLock.exclusive(layout.treeLock(key), wait: true)
        }
        defer { withExtendedLifetime(lock) {} }
        if try Durability.isWhole(tree) {
            let size = try JSONDecoder().decode(TreeSize.self, from: Data(try Files.readWhole(layout.size(tree))))
            image.size = size.bytes
            image.omitted = size.omitted ?? []
            return image
        }
        let request = WorkerRequest(
            cache: layout.directory.string, layers: resolved.layers, tree: key, width: max(2, Threads.processors))
        let (size, omitted) = try worker.run(request, image: reference.description, progress)
        image.size = size
        image.omitted = omitted
        return image
    }
}
