internal import ContainerImage
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A root directory that is used where it is.
enum RootInPlace {
    static func image(_ path: String, _ reference: ImageReference) throws -> StoredImage {
        guard Files.exists(FilePath(path)) else { throw ImageError.missingPath(path) }
        guard let place = realpath(path, nil) else { throw SystemError("resolve", path) }
        defer { free(place) }
        let directory = FilePath(String(cString: place))
        let root: RootDirectory
        do {
            root = try RootDirectory(directory)
        } catch {
            throw ImageError.notARootDirectory(path, reason: "\(error.errno)")
        }
        for needed in ["/usr", "/etc"] where try root.status(needed)?.kind != .directory {
            throw ImageError.notARootDirectory(path, reason: "it has no \(needed)")
        }
        let identity = Digest.sha256(try fingerprint(root).utf8)
        return StoredImage(
            reference: reference.description, digest: identity, configuration: ImageConfiguration(running: .host),
            layers: [], tree: directory.string, treeKey: identity.hex, size: 0, omitted: [], pulledAt: "",
            fingerprint: nil)
    }

    /// What changes whenever something changes from which the store derives things: kernels and their modules.
    private static func fingerprint(_ root: RootDirectory) throws -> String {
        var lines = ["dir \(root.path)"]
        func add(_ path: String) throws {
            guard let status = try root.status(path, followLinks: false) else { return }
            lines.append(
                "\(path) \(status.device):\(status.inode):\(status.size):"
                    + "\(status.modified.seconds).\(status.modified.nanoseconds)")
        }
        for directory in ["/boot", "/boot/EFI/Linux", "/usr/lib/modules"] {
            try add(directory)
            for entry in try root.entries(directory) {
                let path = "\(directory)/\(entry.name)"
                try add(path)
                if directory == "/usr/lib/modules" {
                    for name in ["vmlinuz", "initramfs.img", "modules.dep", "kernel"] { try add("\(path)/\(name)") }
                }
            }
        }
        for path in ["/etc/os-release", "/usr/lib/os-release", "/usr/lib/systemd/systemd"] { try add(path) }
        return lines.joined(separator: "\n")
    }
}
