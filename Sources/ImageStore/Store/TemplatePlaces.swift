internal import LinuxSystem
public import SystemPackage

/// Saved machines are kept with the trees that they use: each in a directory of its own, named by the keys of both.
extension ImageStore {
    /// The directory of one; it may not be there.
    public func templateDirectory(tree: String, key: String) -> FilePath {
        layout.templates.appending("\(tree)-\(key)")
    }

    /// The directories of all, with the bytes that they take on the disk.
    public func templateDirectories() throws -> [(path: FilePath, bytes: Int64)] {
        try StoreInventory(layout: layout).templates().map { ($0.path, $0.bytes) }
    }

    /// Has one made, unless it is there: by one process, while others wait.
    /// - Parameters:
    ///   - progress: told when another process makes it.
    ///   - body: fills a directory, which is published when it returns.
    public func makeTemplate(
        tree: String, key: String, progress: (Progress) -> Void, _ body: (FilePath) throws -> Void
    ) throws {
        let use = try beginUse(progress)
        try Files.createDirectories(layout.templates)
        withExtendedLifetime(use) {}
        let directory = templateDirectory(tree: tree, key: key)
        let path = layout.templateLock(key)
        var lock = try FileLock.exclusive(path, wait: false)
        if lock == nil {
            progress(.note("waiting for another bcvk that makes the same template"))
            lock = try FileLock.exclusive(path, wait: true)
        }
        defer { withExtendedLifetime(lock) {} }
        if Files.exists(directory) { return }
        let place = try TemporaryDirectory(layout, name: "template")
        do {
            try body(place.path)
            try place.publish(as: directory)
        } catch {
            try place.remove()
            throw error
        }
    }

    /// Removes one. A machine that is just being given its state has it; the next one boots.
    public func removeTemplate(_ directory: FilePath) throws {
        try Files.removeTree(directory)
    }
}
