import FoundationEssentials
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// What a tree holds.
struct TreeSize: Codable {
    /// Bytes of all files, each counted once.
    var bytes: Int64 = 0
    /// How many names.
    var entries = 0
    /// Bytes that the directories take on the disk; the files are the layers'.
    var directoryBytes: Int64 = 0
    /// What this host could not keep, as lines for people.
    var omitted: [String]?

    /// Reads what was counted before; nil where there is nothing of this form.
    static func read(_ path: FilePath) throws(SystemError) -> TreeSize? {
        guard let text = try Files.readIfPresent(path) else { return nil }
        return try? JSONDecoder().decode(TreeSize.self, from: Data(text))
    }

    /// Counts a tree.
    static func of(_ path: FilePath) throws -> TreeSize {
        var counter = Counter()
        try counter.walk(try OwnedDescriptor(opening: path, .readOnly, options: [.directory]), path.string)
        return counter.size
    }

    private struct Counter {
        var size = TreeSize()
        var seen: Set<UInt> = []

        mutating func walk(_ directory: borrowing OwnedDescriptor, _ subject: String) throws {
            var own = stat()
            if fstat(directory.raw, &own) == 0 { size.directoryBytes += Int64(own.st_blocks) * 512 }
            for entry in try directory.rawEntries(subject: subject) {
                size.entries += 1
                if entry.kind == .directory {
                    let number = entry.name.withCString {
                        openat(directory.raw, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                    }
                    guard number >= 0 else { throw SystemError("open", entry.name.description) }
                    try walk(OwnedDescriptor(owning: number), entry.name.description)
                } else if entry.kind == .regular {
                    var status = stat()
                    guard entry.name.withCString({ fstatat(directory.raw, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0
                    else {
                        throw SystemError("stat", entry.name.description)
                    }
                    // The count of links says nothing here: layers and other trees link to the same file.
                    if seen.insert(status.st_ino).inserted { size.bytes += Int64(status.st_size) }
                }
            }
        }
    }
}
