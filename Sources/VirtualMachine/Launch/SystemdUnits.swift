package import GuestProtocol
internal import LinuxSystem
internal import SystemPackage

/// Units of the host for the guest's systemd: what a directory's `system` holds becomes the guest's /etc/systemd/system.
package enum SystemdUnits {
    private static let suffixes = [
        ".service", ".mount", ".socket", ".timer", ".path", ".target", ".slice", ".automount", ".swap",
    ]
    /// Directories with links to units that a unit pulls in, and with pieces that are added to a unit.
    private static let directorySuffixes = [".wants", ".requires", ".d"]
    private static let destination = "/etc/systemd/system"
    private static let sizeLimit = 1 << 20

    /// Reads a directory's units; other files in it are passed over.
    package static func read(_ text: String) throws -> [GuestFile] {
        let path = try HostPath.resolve(text, kind: .directory, writable: false)
        let tree = try RootDirectory(path)
        guard try tree.status("system")?.kind == .directory else {
            throw RequestError.unusableFile(text, reason: "there is no directory 'system' in it")
        }
        var files: [GuestFile] = []
        for entry in try tree.entries("system") {
            if suffixes.contains(where: entry.name.hasSuffix) {
                files.append(try file(entry, in: "", of: tree))
            } else if entry.kind == .directory, directorySuffixes.contains(where: entry.name.hasSuffix) {
                for inner in try tree.entries("system/\(entry.name)") {
                    files.append(try file(inner, in: "\(entry.name)/", of: tree))
                }
            }
        }
        guard !files.isEmpty else { throw RequestError.unusableFile(text, reason: "there is no unit in 'system'") }
        return files + mountLinks(files)
    }

    private static func file(
        _ entry: DirectoryEntry, in directory: String, of tree: RootDirectory
    ) throws -> GuestFile {
        let inner = "system/\(directory)\(entry.name)"
        let content: GuestFile.Content
        if entry.kind == .symbolicLink, let target = try tree.linkTarget(inner) {
            // Which unit is meant, systemd sees from the names; its file need not be in this directory.
            content = .link(Array(target.utf8))
        } else {
            content = .bytes(try tree.readFile(inner, limit: sizeLimit))
        }
        return GuestFile(path: "\(destination)/\(directory)\(entry.name)", content: content, isPublic: true)
    }

    /// A mount that nothing wants would never be made: remote-fs.target wants every one, as it does those of fstab.
    private static func mountLinks(_ files: [GuestFile]) -> [GuestFile] {
        files.compactMap { file in
            let name = String(file.path.dropFirst(destination.count + 1))
            guard name.hasSuffix(".mount"), !name.contains("/") else { return nil }
            return GuestFile(
                path: "\(destination)/remote-fs.target.wants/\(name)", content: .link(Array("../\(name)".utf8)),
                isPublic: true)
        }
    }
}
