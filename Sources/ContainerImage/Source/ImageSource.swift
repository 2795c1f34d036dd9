internal import Compression
internal import LinuxSystem
internal import SystemPackage

/// Finding an image and reading its documents.
public enum ImageSource {
    /// Reads an image's documents, bringing what we do not read ourselves into a layout first.
    public static func resolve(_ reference: ImageReference, _ request: SourceRequest) throws -> ResolvedImage {
        let platform = request.platform
        switch reference.transport {
        case .oci(let path, let tag):
            return try ResolvedImage(holder: try LayoutDirectory(path), tag: tag, platform: platform)
        case .ociArchive(let path, let tag):
            let plain = try uncompressed(path, request.temporary)
            return try ResolvedImage(holder: try LayoutArchive(plain, shownAs: path), tag: tag, platform: platform)
        case .skopeo(let text): return try SkopeoFetch(text, request).run()
        case .name(let name): return try find(name, request)
        case .container(let name): return try ContainerExport(name, request).run()
        case .containerd(let name): return try Containerd(neededFor: reference.description).export(name, request)
        case .rootArchive(let path):
            return try RootArchive(path, shownAs: path, request).image(.init(running: platform))
        case .directory(let path):
            throw ImageError.malformedReference("dir:\(path)", reason: "a directory is used where it is, not unpacked")
        }
    }

    private static func find(_ name: String, _ request: SourceRequest) throws -> ResolvedImage {
        if ImageReference.looksLikePath(name) {
            throw ImageError.notFound(name, reason: "this is a path, not a name")
        }
        if let manifest = try Skopeo(neededFor: "images by name").localManifest(name) {
            return try SkopeoFetch("containers-storage:\(name)", request).run(manifest: manifest)
        }
        do {
            return try SkopeoFetch("docker://\(name)", request).run()
        } catch ImageError.transportFailed(_, let reason) {
            throw ImageError.notFound(name, reason: "not in the local container storage; registry: \(reason)")
        }
    }

    /// What tells whether a source that has to be asked is still what it was; nil where only fetching tells.
    public static func fingerprint(_ reference: ImageReference) throws -> String? {
        switch reference.transport {
        case .containerd(let name): try Containerd(neededFor: reference.description).digest(of: name)
        case .name(let name): try stored(name)
        case .skopeo(let text):
            text.hasPrefix("containers-storage:")
                ? try stored(String(text.dropFirst("containers-storage:".count))) : nil
        case .oci, .ociArchive, .container, .directory, .rootArchive: nil
        }
    }

    /// An image that was built anew in the local container storage is noticed; without skopeo there is no such storage.
    private static func stored(_ name: String) throws -> String? {
        guard let skopeo = try? Skopeo(neededFor: name) else { return nil }
        return try skopeo.localManifest(name).map { Digest.sha256($0).description }
    }

    /// The archive itself, or a decompressed copy: members are found by their place in the file.
    static func uncompressed(_ path: String, _ temporary: FilePath) throws -> FilePath {
        guard Files.exists(FilePath(path)) else { throw ImageError.missingPath(path) }
        if try OwnedDescriptor(opening: FilePath(path), .readOnly, options: [.nonBlocking]).status().kind == .directory
        {
            throw ImageError.notAnArchive(path, reason: ImageError.isDirectory)
        }
        var (stream, format) = try Decompression.open(try FileSource(FilePath(path)))
        if format == .none { return FilePath(path) }
        let copy = temporary.appending("archive.tar")
        let output = try OwnedDescriptor(opening: copy, .writeOnly, options: [.create, .exclusiveCreate])
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        do {
            while true {
                let count = try buffer.withUnsafeMutableBytes { try stream.read(into: $0) }
                if count == 0 { return copy }
                try output.writeAll(Array(buffer[..<count]), subject: copy.string)
            }
        } catch let failure as DecompressionError {
            throw ImageError.notAnArchive(path, reason: "\(failure)")
        }
    }
}
