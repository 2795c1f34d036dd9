import FoundationEssentials
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// What a tree holds.
package struct TreeSize: Codable, Sendable {
    /// Bytes of all files, each counted once.
    package internal(set) var bytes: Int64 = 0
    /// How many names.
    package internal(set) var entries = 0
    /// Bytes that the directories take on the disk; the files are the layers'.
    var directoryBytes: Int64 = 0
    /// What this host could not keep, as lines for people.
    var omitted: [String]?

    /// What was counted while a tree was made.
    init(_ made: TreeUnion.Made) {
        bytes = made.fileBytes
        entries = made.names
        directoryBytes = made.directoryBytes
    }

    private init() {}

    /// Reads what was counted before; nil where there is nothing of this form.
    static func read(_ path: FilePath) throws(SystemError) -> TreeSize? {
        guard let text = try Files.readIfPresent(path) else { return nil }
        return try? JSONDecoder().decode(TreeSize.self, from: Data(text))
    }

    /// Counts a tree, on at most `width` threads.
    /// - Parameter visit: called with each directory.
    static func of(
        _ path: FilePath, width: Int, visit: @escaping @Sendable (WalkedDirectory) throws -> Void
    ) throws -> TreeSize {
        let parts = try WorkQueue.run(try WalkedDirectory.root(path), width: width) { queue in
            var counter = Counter()
            try queue.forEach { waiting in
                let directory = try waiting.open()
                try counter.count(directory) { queue.add($0) }
                try visit(directory)
            }
            return counter
        }
        var size = TreeSize()
        var files: [UInt: Int64] = [:]
        for part in parts {
            size.entries += part.entries
            size.directoryBytes += part.directoryBytes
            files.merge(part.files) { $1 }
        }
        size.bytes = files.values.boundedSum()
        return size
    }

    private struct Counter: Sendable {
        var entries = 0
        var directoryBytes: Int64 = 0
        /// Bytes by inode. The count of links says nothing here: layers and other trees link to the same file.
        var files: [UInt: Int64] = [:]

        mutating func count(_ directory: WalkedDirectory, found: (WalkedDirectory.Waiting) -> Void) throws {
            var own = stat()
            if fstat(directory.raw, &own) == 0 { directoryBytes += Int64(own.st_blocks) * 512 }
            for entry in try directory.entries() {
                entries += 1
                if entry.kind == .directory {
                    found(directory.waiting(entry.name))
                } else if entry.kind == .regular {
                    let status = try directory.status(entry.name)
                    files[status.st_ino] = Int64(status.st_size)
                }
            }
        }
    }
}
