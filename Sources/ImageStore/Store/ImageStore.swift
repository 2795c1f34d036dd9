public import ContainerImage
internal import Glibc
internal import LinuxSystem
public import SystemPackage

/// The cache of unpacked images.
public struct ImageStore: Sendable {
    /// What a caller is told while it waits.
    public enum Progress: Sendable, Hashable {
        /// A step that takes long.
        case note(String)
        /// Bytes of blobs that have come.
        case fetching(done: Int64, total: Int64)
        /// Bytes of layers that were unpacked.
        case unpacking(done: Int64, total: Int64)
        /// Bytes of layers that were compared.
        case checking(done: Int64, total: Int64)
    }

    /// Whether an image in the cache is good enough.
    public enum Freshness: Sendable {
        /// As long as its source looks the same; one from a registry always.
        case cached
        /// Its source is asked again.
        case current
    }

    let layout: StoreLayout
    let worker: Worker
    /// How many layers are unpacked at once; 1 has everything done by one thread.
    let width: Int
    var records: ImageRecords { ImageRecords(layout: layout) }

    /// - Parameters:
    ///   - directory: the cache's directory; it is made when something is unpacked.
    ///   - worker: the program's words that make it call `StoreWorker.main`.
    ///   - program: the program; nil where this process is it.
    ///   - threads: how many layers are unpacked at once, each by threads of its own; 1 has everything done by one thread. By default
    ///     as many as there are processors, and two at least.
    public init(directory: FilePath, worker: [String], program: FilePath? = nil, threads: Int? = nil) {
        layout = StoreLayout(directory: directory)
        width = threads ?? max(2, Threads.processors)
        self.worker = .child(program: program, arguments: worker)
    }

    /// A cache that is written by this process itself: for tests.
    package init(writingItself directory: FilePath) {
        layout = StoreLayout(directory: directory)
        width = max(2, Threads.processors)
        worker = .thread
    }

    /// A directory for things derived from a tree, made when it is not there. Their names begin with the tree's key.
    public var derivedDirectory: FilePath { layout.derived }

    /// A directory of the cache for files that have no name, or not for long.
    public var temporaryDirectory: FilePath { layout.temporary }

    /// Finds an image, in the cache or at its source, and unpacks what is not there.
    public func image(
        _ reference: ImageReference, freshness: Freshness, registry: RegistryAccess = RegistryAccess(),
        progress: @escaping (Progress) -> Void
    ) throws -> StoredImage {
        if case .directory(let path) = reference.transport {
            try layout.prepare()
            return try RootInPlace.image(path, reference)
        }
        let fingerprint = try SourceFingerprint.of(reference)
        if let known = try records.find(reference.description), Platform.host.runs(known.configuration.platform) {
            let isUnchanged = fingerprint != nil && known.fingerprint == fingerprint
            if isUnchanged || (fingerprint == nil && freshness == .cached && Self.isRemote(reference)) {
                if try isWhole(known) {
                    try Durability.settleIfDue(
                        [layout.tree(known.treeKey)] + known.layers.map { layout.layer($0.diffID) },
                        in: layout.directory)
                    return known
                }
                if freshness == .cached {
                    progress(.note("the cache has lost a part of \(reference): unpacking it again"))
                }
            }
        }
        let use = try beginUse(progress)
        defer { withExtendedLifetime(use) {} }
        let pull = ImagePull(
            layout: layout, worker: worker, width: width, reference: reference, registry: registry,
            fingerprint: fingerprint,
            progress: progress)
        return try pull.run()
    }

    /// All images of the cache, by name.
    public func images() throws -> [StoredImage] { try records.all() }

    /// Those that a name, or the beginning of a digest, means.
    public func images(named name: String) throws -> [StoredImage] { try records.matching(name) }

    /// Keeps others from removing anything: taken before an image is looked for, and kept until there is a lease of its tree.
    public func hold(progress: (Progress) -> Void) throws -> StoreHold {
        StoreHold(lock: try beginUse(progress))
    }

    /// Keeps a tree from being removed.
    public func lease(_ image: StoredImage) throws -> TreeLease {
        let use = try beginUse { _ in }
        defer { withExtendedLifetime(use) {} }
        let path = layout.treeLock(image.treeKey)
        guard let lock = try FileLock.shared(path, wait: true) else {
            throw SystemError("lock", image.tree, errno: EWOULDBLOCK)
        }
        // Between the search for the image and the lock somebody may have removed it.
        guard try isWhole(image) else { throw StoreError.removed(image.reference) }
        // The file's time says when the tree was last used.
        utimensat(AT_FDCWD, path.string, nil, 0)
        return TreeLease(lock: lock)
    }

    /// Whether an image's tree is there and to be believed.
    func isWhole(_ image: StoredImage) throws -> Bool {
        if image.isInPlace { return true }
        let tree = layout.tree(image.treeKey)
        return try Durability.isWhole(tree) && Files.exists(layout.root(tree)) && Files.exists(layout.size(tree))
    }

    /// Holds off whoever removes things.
    func beginUse(_ progress: (Progress) -> Void) throws -> FileLock? {
        // Somebody may have removed more of the cache than trees.
        try layout.prepare()
        if let lock = try FileLock.shared(layout.useLock, wait: false) { return lock }
        progress(.note("waiting for another bcvk that removes images"))
        return try FileLock.shared(layout.useLock, wait: true)
    }

    private static func isRemote(_ reference: ImageReference) -> Bool {
        switch reference.transport {
        case .skopeo(let text): text.hasPrefix("docker://")
        case .name: true
        case .oci, .ociArchive, .container, .containerd, .directory, .rootArchive: false
        }
    }
}
