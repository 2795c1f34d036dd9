internal import Glibc
internal import LinuxSystem
public import SystemPackage

/// What a tree takes in a file system with blocks of 4 KiB. Counted by a process that may read all of it.
public struct TreeSurvey: Sendable, Hashable, Codable {
    /// How many files, directories and links.
    public var entries: UInt64 = 0
    /// Blocks of content, names and extended attributes.
    public var blocks: UInt64 = 0

    /// Nothing.
    public init() {}

    /// Counts a tree.
    public static func of(_ path: FilePath) throws -> TreeSurvey {
        var counter = Counter()
        try counter.walk(try OwnedDescriptor(opening: path, .readOnly, options: [.directory]), path.string)
        return counter.survey
    }

    private struct Counter {
        var survey = TreeSurvey()
        private var seen: Set<UInt> = []

        mutating func walk(_ directory: borrowing OwnedDescriptor, _ subject: String) throws {
            survey.entries += 1
            // Two entries of its own, and a checksum.
            var nameBytes: UInt64 = 64
            for entry in try directory.rawEntries(subject: subject) {
                nameBytes += 8 + UInt64(entry.name.bytes.count + 3) & ~3
                if entry.kind == .directory {
                    let number = entry.name.withCString {
                        openat(directory.raw, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                    }
                    guard number >= 0 else { throw SystemError("open", "\(subject)/\(entry.name)") }
                    try walk(OwnedDescriptor(owning: number), "\(subject)/\(entry.name)")
                    continue
                }
                var status = stat()
                guard entry.name.withCString({ fstatat(directory.raw, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0
                else {
                    throw SystemError("stat", "\(subject)/\(entry.name)")
                }
                // Several names of one file.
                guard seen.insert(status.st_ino).inserted else { continue }
                survey.entries += 1
                let size = UInt64(status.st_size)
                switch entry.kind {
                case .regular:
                    // A block of extents for each 1360 blocks of a file in pieces is more than there ever is.
                    let allocated = min((size + 4095) / 4096, (UInt64(status.st_blocks) + 7) / 8 + 1)
                    survey.blocks += allocated + (allocated > 32_768 ? 1 : 0)
                case .symbolicLink where size >= 60: survey.blocks += 1
                default: break
                }
            }
            survey.blocks += (nameBytes + nameBytes / 16) / 4096 + 1
        }
    }
}
