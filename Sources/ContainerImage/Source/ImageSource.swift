internal import Compression
internal import LinuxSystem
public import SystemPackage

/// Finding an image and reading its documents.
public enum ImageSource {
    /// Reads an image's documents, bringing what we do not read ourselves into a layout first.
    ///
    /// - Parameters:
    ///   - temporary: an empty directory for that layout; the caller removes it when the layers have been read.
    ///   - note: told of steps that may take long.
    public static func resolve(
        _ reference: ImageReference, platform: Platform, temporary: FilePath, note: (String) -> Void
    ) throws -> ResolvedImage {
        switch reference.transport {
        case .oci(let path, let tag):
            return try ResolvedImage(holder: try LayoutDirectory(path), tag: tag, platform: platform)
        case .ociArchive(let path, let tag):
            let plain = try uncompressed(path, temporary)
            return try ResolvedImage(holder: try LayoutArchive(plain, shownAs: path), tag: tag, platform: platform)
        case .skopeo(let text):
            return try copy(text, platform, temporary, note)
        case .name(let name):
            if ImageReference.looksLikePath(name) {
                throw ImageError.notFound(name, reason: "this is a path, not a name")
            }
            let skopeo = try Skopeo(neededFor: "images by name")
            if try skopeo.localManifest(name) != nil {
                return try copy("containers-storage:\(name)", platform, temporary, note)
            }
            do {
                return try copy("docker://\(name)", platform, temporary, note)
            } catch ImageError.transportFailed(_, let reason) {
                throw ImageError.notFound(name, reason: "not in the local container storage; registry: \(reason)")
            }
        }
    }

    private static func copy(
        _ text: String, _ platform: Platform, _ temporary: FilePath, _ note: (String) -> Void
    ) throws -> ResolvedImage {
        note("fetching \(text)")
        let directory = temporary.appending("layout")
        try Skopeo(neededFor: text).copy(text, to: directory, platform: platform)
        do {
            return try ResolvedImage(holder: try LayoutDirectory(directory.string), tag: "image", platform: platform)
        } catch ImageError.noPlatform(_, let wanted, let available) {
            throw ImageError.noPlatform(image: text, wanted: wanted, available: available)
        }
    }

    /// The archive itself, or a decompressed copy: members are found by their place in the file.
    private static func uncompressed(_ path: String, _ temporary: FilePath) throws -> FilePath {
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
