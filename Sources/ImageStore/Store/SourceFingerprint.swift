internal import ContainerImage
internal import LinuxSystem
internal import SystemPackage

/// What tells cheaply whether a source is still what it was.
enum SourceFingerprint {
    /// nil where only fetching tells.
    static func of(_ reference: ImageReference) throws -> String? {
        switch reference.transport {
        case .ociArchive(let path, _), .rootArchive(let path): return file(FilePath(path))
        case .oci(let path, _): return file(FilePath(path).appending("index.json"))
        case .skopeo(let text):
            let archive = "docker-archive:"
            guard text.hasPrefix(archive) else { return try ImageSource.fingerprint(reference) }
            return file(FilePath(text.dropFirst(archive.count).split(separator: ":").first.map(String.init) ?? ""))
        case .name, .containerd: return try ImageSource.fingerprint(reference)
        case .container, .directory: return nil
        }
    }

    /// Device, inode, size and time of a file; nil where there is none.
    static func file(_ path: FilePath) -> String? {
        guard let status = try? OwnedDescriptor(opening: path, .readOnly, options: [.nonBlocking]).status() else {
            return nil
        }
        return
            "\(status.device):\(status.inode):\(status.size):\(status.modified.seconds).\(status.modified.nanoseconds)"
    }
}
