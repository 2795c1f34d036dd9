internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Compares a tree with one that was just made of the same layers. Files are the very same ones in both, since trees are hard
/// links; only directories have something of their own.
enum TreeComparison {
    static func differences(of tree: FilePath, from expected: FilePath) throws -> [ListedDifference] {
        var found: [ListedDifference] = []
        let flags: FileDescriptor.OpenOptions = [.directory, .noFollow]
        try compare(
            try OwnedDescriptor(opening: tree, .readOnly, options: flags),
            try OwnedDescriptor(opening: expected, .readOnly, options: flags), [], &found)
        return found
    }

    private static func compare(
        _ tree: borrowing OwnedDescriptor, _ expected: borrowing OwnedDescriptor, _ path: [UInt8],
        _ found: inout [ListedDifference]
    ) throws {
        let shown = path.isEmpty ? "." : String(decoding: path, as: UTF8.self)
        if try !isSameDirectory(tree.raw, expected.raw) {
            found.append(.init(path: shown, what: "has another mode, owner, time or attributes"))
        }
        var wanted = Set(try expected.rawEntries(subject: shown).map(\.name))
        for entry in try tree.rawEntries(subject: shown) {
            let inner = path.isEmpty ? entry.name.bytes : path + [UInt8(ascii: "/")] + entry.name.bytes
            let innerShown = String(decoding: inner, as: UTF8.self)
            guard wanted.remove(entry.name) != nil else {
                found.append(.init(path: innerShown, what: "should not be there"))
                continue
            }
            let (own, other) = (try status(entry.name, in: tree.raw), try status(entry.name, in: expected.raw))
            if own.st_mode & S_IFMT == S_IFDIR, other.st_mode & S_IFMT == S_IFDIR {
                try compare(
                    try open(entry.name, in: tree.raw), try open(entry.name, in: expected.raw), inner, &found)
            } else if own.st_ino != other.st_ino || own.st_dev != other.st_dev {
                found.append(.init(path: innerShown, what: "is not the layer's file"))
            }
        }
        for name in wanted {
            let inner = path.isEmpty ? name.bytes : path + [UInt8(ascii: "/")] + name.bytes
            found.append(.init(path: String(decoding: inner, as: UTF8.self), what: "is missing"))
        }
    }

    private static func isSameDirectory(_ one: Int32, _ other: Int32) throws -> Bool {
        let (own, expected) = (try status(RawName(".".utf8), in: one), try status(RawName(".".utf8), in: other))
        return try own.st_mode == expected.st_mode && own.st_uid == expected.st_uid && own.st_gid == expected.st_gid
            && own.st_mtim.tv_sec == expected.st_mtim.tv_sec && own.st_mtim.tv_nsec == expected.st_mtim.tv_nsec
            && AttributesChecksum.of(RawName(".".utf8), in: one) == AttributesChecksum.of(RawName(".".utf8), in: other)
    }

    private static func status(_ name: RawName, in parent: Int32) throws(SystemError) -> stat {
        var status = stat()
        guard name.withCString({ fstatat(parent, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw SystemError("stat", name.description)
        }
        return status
    }

    private static func open(_ name: RawName, in parent: Int32) throws(SystemError) -> OwnedDescriptor {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let number = name.withCString { openat(parent, $0, flags) }
        guard number >= 0 else { throw SystemError("open", name.description) }
        return OwnedDescriptor(owning: number)
    }
}
