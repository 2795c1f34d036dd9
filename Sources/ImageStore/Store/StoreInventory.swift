internal import ContainerImage
internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// What is in the store's directories, whoever refers to it.
struct StoreInventory {
    let layout: StoreLayout

    /// The diff IDs of all extracted layers.
    func layers() throws -> [Digest] {
        try ["sha256", "sha512"].flatMap { algorithm in
            try names(layout.layers.appending(algorithm)).compactMap { Digest("\(algorithm):\($0)") }
        }
    }

    /// The keys of all trees.
    func trees() throws -> [String] { try names(layout.trees) }

    /// The files that were derived from trees, with the keys of those.
    func derived() throws -> [(key: String, path: FilePath, bytes: Int64)] {
        try names(layout.derived).map { name in
            let path = layout.derived.appending(name)
            return (name.split(separator: "-").first.map(String.init) ?? name, path, Self.diskBytes(path))
        }
    }

    /// The saved machines, with the keys of their trees.
    func templates() throws -> [(key: String, path: FilePath, bytes: Int64)] {
        try names(layout.templates).map { name in
            let path = layout.templates.appending(name)
            let files = try RootDirectory(path).entries("/")
            return (
                name.split(separator: "-").first.map(String.init) ?? name, path,
                files.reduce(0) { $0 + Self.diskBytes(path.appending($1.name)) }
            )
        }
    }

    /// Bytes that the directories of a tree take; its files are the layers'.
    func diskBytes(ofTree key: String) -> Int64 {
        (try? TreeSize.read(layout.size(layout.tree(key))))?.directoryBytes ?? 0
    }

    /// Whether a machine uses the tree, or somebody makes it.
    func isInUse(_ key: String) throws -> Bool {
        Files.exists(layout.treeLock(key)) ? try FileLock.exclusive(layout.treeLock(key), wait: false) == nil : false
    }

    /// When the tree was last used or made, in seconds since the epoch.
    func lastUsed(_ key: String) -> Int64 {
        [layout.treeLock(key), layout.tree(key)].map { path in
            var status = stat()
            return stat(path.string, &status) == 0 ? Int64(status.st_mtim.tv_sec) : 0
        }.max() ?? 0
    }

    private func names(_ directory: FilePath) throws -> [String] {
        Files.exists(directory) ? try RootDirectory(directory).entries("/").map(\.name) : []
    }

    private static func diskBytes(_ path: FilePath) -> Int64 {
        var status = stat()
        return lstat(path.string, &status) == 0 ? Int64(status.st_blocks) * 512 : 0
    }
}
