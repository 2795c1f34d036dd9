internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Bringing an image into a layout by skopeo, without the blobs that are not needed.
struct SkopeoFetch {
    private let reference: String
    private let request: SourceRequest
    private let skopeo: Skopeo

    init(_ reference: String, _ request: SourceRequest) throws {
        self.reference = reference
        self.request = request
        let options = try RegistryOptions(request.registry, reference: reference, temporary: request.temporary)
        skopeo = try Skopeo(neededFor: reference, options: options)
    }

    private var layout: FilePath { request.temporary.appending("layout") }
    private var blobs: FilePath { layout.appending("blobs/sha256") }

    /// Fetches what is needed and reads it.
    /// - Parameter manifest: the image's manifest or index, where it has been asked for already.
    func run(manifest known: [UInt8]? = nil) throws -> ResolvedImage {
        guard Self.tellsManifestFirst(reference) else {
            request.progress(.note("fetching \(reference)"))
            try copy(reference) {}
            return try read()
        }
        let documents = try self.documents(known: known)
        let wanted = documents.layers.filter { !request.hasLayer($0.diffID) }
        if wanted.isEmpty { return try documents.image(at: blobs, wanted: []) }
        request.progress(.note("fetching \(reference)"))
        // What is in the layout is not fetched: kept blobs, and stand-ins for those whose content is unpacked.
        try Files.createDirectories(blobs)
        for layer in wanted { try useKept(layer.digest) }
        for layer in documents.layers where request.hasLayer(layer.diffID) { try standIn(for: layer) }
        let total = wanted.reduce(0) { $0 + $1.size }
        try copy(documents.reference) { request.progress(.fetching(done: min(total, fetched()), total: total)) }
        return try documents.image(at: blobs, wanted: Set(wanted.map(\.diffID)))
    }

    // MARK: Documents

    /// Of the others only a copy of the whole tells anything.
    private static func tellsManifestFirst(_ reference: String) -> Bool {
        reference.hasPrefix("docker://") || reference.hasPrefix("containers-storage:")
    }

    private func documents(known: [UInt8]?) throws -> FetchedDocuments {
        let reader = DocumentReader(image: reference)
        var bytes = try known ?? skopeo.rawManifest(reference)
        var exact = reference
        var depth = 0
        while let index = try reader.index(bytes) {
            let chosen = try ResolvedImage.choose(request.platform, in: index, of: reference, depth: depth)
            exact = Self.pinned(reference, to: chosen.digest)
            bytes = try skopeo.rawManifest(exact)
            depth += 1
        }
        let digest = Digest.sha256(bytes)
        exact = Self.pinned(reference, to: digest)
        let manifest = try reader.manifest(bytes)
        let configuration = try skopeo.rawConfiguration(exact, platform: request.platform)
        guard Digest.sha256(configuration) == manifest.config.digest else {
            throw ImageError.wrongDigest(
                image: reference, what: "configuration", expected: manifest.config.digest,
                found: Digest.sha256(configuration))
        }
        return try FetchedDocuments(
            reference: exact, digest: digest, manifest: manifest, configuration: reader.configuration(configuration))
    }

    /// The same image by its digest, so that a tag that moves meanwhile mixes nothing. The local storage is asked by name.
    static func pinned(_ reference: String, to digest: Digest) -> String {
        guard reference.hasPrefix("docker://") else { return reference }
        let prefix = "docker://"
        var name = reference.dropFirst(prefix.count)
        if let at = name.firstIndex(of: "@") { name = name[..<at] }
        let slash = name.lastIndex(of: "/") ?? name.startIndex
        if let colon = name[slash...].lastIndex(of: ":") { name = name[..<colon] }
        return "\(prefix)\(name)@\(digest)"
    }

    // MARK: Blobs

    private func useKept(_ digest: Digest) throws {
        guard let kept = request.keptBlobs, digest.algorithm == .sha256 else { return }
        // A copy by name: the kept one goes only when the image is whole.
        let result = link(kept.appending("sha256/\(digest.hex)").string, blobs.appending(digest.hex).string)
        if result != 0, errno != ENOENT, errno != EEXIST { throw SystemError("link", kept.string) }
    }

    /// A file without content in place of a blob that nobody will read. The local storage calls its layers by their diff IDs.
    private func standIn(for layer: FetchedDocuments.Layer) throws {
        for digest in Set([layer.digest, layer.diffID]) where digest.algorithm == .sha256 {
            let file = try OwnedDescriptor(
                opening: blobs.appending(digest.hex), .writeOnly, options: [.create, .truncate])
            guard ftruncate(file.raw, Int(layer.size)) == 0 else { throw SystemError("set size of", blobs.string) }
        }
    }

    private func fetched() -> Int64 {
        [layout, blobs].reduce(0) { sum, directory in
            guard let open = try? OwnedDescriptor(opening: directory, .readOnly, options: [.directory]),
                let entries = try? open.rawEntries(subject: directory.string)
            else { return sum }
            return entries.filter { $0.kind == .regular }.reduce(sum) { sum, entry in
                var status = stat()
                let result = entry.name.withCString { fstatat(open.raw, $0, &status, AT_SYMLINK_NOFOLLOW) }
                return result == 0 ? sum + min(Int64(status.st_size), Int64(status.st_blocks) * 512) : sum
            }
        }
    }

    private func copy(_ reference: String, tick: () -> Void) throws {
        try skopeo.copy(reference, to: layout, platform: request.platform, tick: tick)
    }

    private func read() throws -> ResolvedImage {
        do {
            return try ResolvedImage(
                holder: try LayoutDirectory(layout.string), tag: "image", platform: request.platform)
        } catch ImageError.noPlatform(_, let wanted, let available) {
            throw ImageError.noPlatform(image: reference, wanted: wanted, available: available)
        }
    }
}

/// What an image says of itself, before any layer has come.
private struct FetchedDocuments {
    struct Layer {
        let digest: Digest
        let diffID: Digest
        let size: Int64
    }

    let reference: String
    let digest: Digest
    let manifest: ImageManifest
    let configuration: ImageConfiguration
    let layers: [Layer]

    init(reference: String, digest: Digest, manifest: ImageManifest, configuration: ImageConfiguration) throws {
        self.reference = reference
        self.digest = digest
        self.manifest = manifest
        self.configuration = configuration
        let diffIDs = configuration.rootfs.diffIDs
        guard diffIDs.count == manifest.layers.count else {
            throw ImageError.layerCountMismatch(
                image: reference, layers: manifest.layers.count, diffIDs: diffIDs.count)
        }
        layers = zip(manifest.layers, diffIDs).map { Layer(digest: $0.digest, diffID: $1, size: $0.size) }
    }

    /// The image with its blobs, which have the names of their digests; those of the local storage, of their diff IDs.
    /// - Parameter wanted: the diff IDs of the layers whose blobs will be read.
    func image(at blobs: FilePath, wanted: Set<Digest>) throws -> ResolvedImage {
        let placed = try layers.map { layer throws -> ResolvedImage.Layer in
            guard wanted.contains(layer.diffID) else {
                return .init(
                    digest: layer.digest, diffID: layer.diffID,
                    location: BlobLocation(path: blobs.appending(layer.digest.hex).string, offset: 0, size: layer.size))
            }
            for digest in [layer.digest, layer.diffID] {
                let file = blobs.appending(digest.hex)
                guard Files.exists(file) else { continue }
                let size = try OwnedDescriptor(opening: file, .readOnly).status().size
                return .init(
                    digest: digest, diffID: layer.diffID,
                    location: BlobLocation(path: file.string, offset: 0, size: size))
            }
            throw ImageError.missingBlob(image: reference, digest: layer.digest)
        }
        return ResolvedImage(digest: digest, manifest: manifest, configuration: configuration, layers: placed)
    }
}
