internal import ContainerImage
internal import LinuxSystem
internal import SystemPackage

/// What tells cheaply whether a source is still what it was.
enum SourceFingerprint {
    /// nil where only fetching tells.
    static func of(_ reference: ImageReference) throws -> String? {
        switch reference.transport {
        case .ociArchive(let path, _):
            return file(FilePath(path))
        case .oci(let path, _):
            return file(FilePath(path).appending("index.json"))
        case .skopeo(let text):
            if text.hasPrefix("docker-archive:") {
                let path = text.dropFirst("docker-archive:".count).split(separator: ":").first.map(String.init) ?? ""
                return file(FilePath(path))
            }
            let storage = "containers-storage:"
            return text.hasPrefix(storage) ? try stored(String(text.dropFirst(storage.count))) : nil
        case .name(let name): return try stored(name)
        }
    }

    /// An image that was built anew in the local container storage is noticed; without skopeo there is no such storage.
    private static func stored(_ name: String) throws -> String? {
        guard let skopeo = try? Skopeo(neededFor: name) else { return nil }
        return try skopeo.localManifest(name)?.description
    }

    private static func file(_ path: FilePath) -> String? {
        guard let status = try? OwnedDescriptor(opening: path, .readOnly, options: [.nonBlocking]).status() else {
            return nil
        }
        return
            "\(status.device):\(status.inode):\(status.size):\(status.modified.seconds).\(status.modified.nanoseconds)"
    }
}
