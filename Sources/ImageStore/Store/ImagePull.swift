internal import ContainerImage
import FoundationEssentials
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Bringing one image from its source into the store, with the record of it. The caller holds the use lock.
struct ImagePull {
    let layout: StoreLayout
    let worker: Worker
    let width: Int
    let reference: ImageReference
    let registry: RegistryAccess
    let fingerprint: String?
    let progress: (ImageStore.Progress) -> Void

    func run() throws -> StoredImage {
        do {
            return try attempt(usingWhatIsThere: true)
        } catch StoreError.damagedBlob(let blob, let work, let reason) {
            guard isFetched else { throw StoreError.workFailed(work, reason: reason) }
            progress(.note("\(reason): fetching it once more"))
            try KeptBlobs(layout: layout).remove([blob])
            do {
                return try attempt(usingWhatIsThere: false)
            } catch StoreError.damagedBlob(_, let work, let reason) {
                throw StoreError.workFailed(work, reason: reason)
            }
        }
    }

    /// Whether the blobs are copies that can be fetched again.
    private var isFetched: Bool {
        switch reference.transport {
        case .skopeo, .name: true
        case .oci, .ociArchive, .container, .containerd, .directory, .rootArchive: false
        }
    }

    private func attempt(usingWhatIsThere: Bool) throws -> StoredImage {
        let kept = KeptBlobs(layout: layout)
        // A run that was killed when the tree was finished has left its directory, and no worker may come by any more.
        try kept.collect()
        let temporary = try TemporaryDirectory(layout, name: KeptBlobs.sourceName)
        // It begins while a source that is quickly read is read. Whether it can is asked when there is something to do.
        var started = isFetched ? nil : try? worker.start()
        let result: Result<StoredImage, any Error> = Result {
            var request = SourceRequest(platform: .host, temporary: temporary.path)
            request.registry = registry
            request.progress = { step in
                switch step {
                case .note(let text): progress(.note(text))
                case .fetching(let done, let total): progress(.fetching(done: done, total: total))
                }
            }
            if usingWhatIsThere {
                request.keptBlobs = layout.blobs
                request.hasLayer = { (try? layout.hasLayer($0)) ?? false }
            }
            let resolved = try ImageSource.resolve(reference, request)
            guard Platform.host.runs(resolved.configuration.platform) else {
                throw ImageError.noPlatform(
                    image: reference.description, wanted: .host,
                    available: [resolved.configuration.platform.description])
            }
            let image = try unpack(resolved, with: &started)
            try ImageRecords(layout: layout).write(image)
            try kept.remove(resolved.layers.map(\.digest))
            return image
        }
        // What has come whole need not come again when the next run gets further.
        if case .failure = result { try kept.adopt(from: temporary.path) }
        try temporary.remove()
        let image = try result.get()
        if let started, started.hasRequest { try started.end(subject) }
        return image
    }

    /// The tree's lock for whoever makes the tree; nil where somebody has made it.
    /// - Parameter started: a worker, which is not kept through a wait.
    private func claim(_ tree: FilePath, _ key: String, _ started: inout StartedWorker?) throws -> FileLock? {
        var hasTold = false
        while true {
            if let lock = try FileLock.exclusive(layout.treeLock(key), wait: false) { return lock }
            if try Durability.isWhole(tree) { return nil }
            if !hasTold { progress(.note("waiting for another bcvk that unpacks the same image")) }
            hasTold = true
            started = nil
            // Not for the exclusive lock: as soon as the tree is there, machines share it for as long as they run.
            _ = try FileLock.shared(layout.treeLock(key), wait: true)
            // Of several who see that the other has died, one goes first.
            usleep(.random(in: 1000...10_000))
        }
    }

    private var subject: String { "unpacking \(reference)" }

    /// - Parameter started: a worker, where there is one already; whoever calls waits for its end.
    private func unpack(_ resolved: ResolvedImage, with started: inout StartedWorker?) throws -> StoredImage {
        let key = StoreLayout.treeKey(resolved.layers.map(\.diffID))
        let tree = layout.tree(key)
        var image = StoredImage(
            reference: reference.description, digest: resolved.digest, configuration: resolved.configuration,
            layers: resolved.layers.map { .init(digest: $0.digest, diffID: $0.diffID, size: $0.location.size) },
            tree: layout.root(tree).string, treeKey: key, size: 0, omitted: [],
            pulledAt: Date().formatted(.iso8601), fingerprint: fingerprint)
        let lock = try claim(tree, key, &started)
        defer { withExtendedLifetime(lock) {} }
        if try Durability.isWhole(tree), Files.exists(layout.root(tree)),
            let size = try TreeSize.read(layout.size(tree))
        {
            image.size = size.bytes
            image.omitted = size.omitted ?? []
            return image
        }
        let request = WorkerRequest(
            cache: layout.directory.string, width: width,
            task: .unpack(layers: resolved.layers, tree: key))
        let worker = try started ?? worker.start()
        started = worker
        let result = try worker.run(
            request, subject: subject, note: { progress(.note($0)) },
            { progress(.unpacking(done: $0, total: $1)) })
        if case .unpacked(let size, let omitted) = result {
            image.size = size
            image.omitted = omitted
        }
        return image
    }
}
