package import LinuxSystem

/// Commands for debugfs(8) that change files of an unmounted ext4 file system.
package struct DebugfsScript {
    private var lines: [String] = []
    private var directory = ""

    /// The commands; each on a line.
    package var text: String { lines.map { $0 + "\n" }.joined() }

    /// Begins with the attributes of the root directory.
    /// - Parameter map: how the owners that the host shows are to be read; nil for root.
    package init(root: FileStatus, map: UserNamespaceMap?) {
        lines = [
            "set_inode_field <2> mode 0\(String(0o040000 | root.mode, radix: 8))",
            "set_inode_field <2> uid \(map?.inside(user: root.owner) ?? root.owner)",
            "set_inode_field <2> gid \(map?.inside(group: root.group) ?? root.group)",
            "set_inode_field <2> mtime @\(root.modified.seconds)",
        ]
    }

    /// Adds a change. Paths have no links in them, and the directories above are there or were added before.
    /// - Parameter content: the host's file with the new content, for a change that has one.
    package mutating func add(_ change: TreeChange, content: String) throws(DiskImageError) {
        let name = try enter(change.path)
        switch change {
        case .removal: lines.append("rm \(name)")
        case .file(_, _, let attributes):
            lines.append("write \(try Self.quoted(content)) \(name)")
            set(attributes, kind: 0o100000, of: name)
        case .directory(_, let attributes):
            lines.append("mkdir \(name)")
            set(attributes, kind: 0o040000, of: name)
        case .link(_, let target): lines.append("symlink \(name) \(try Self.quoted(target))")
        case .attributes(_, let attributes, let isDirectory):
            set(attributes, kind: isDirectory ? 0o040000 : 0o100000, of: name)
        }
    }

    private mutating func set(_ attributes: TreeChange.Attributes, kind: UInt32, of name: String) {
        lines.append("set_inode_field \(name) mode 0\(String(kind | attributes.mode, radix: 8))")
        if attributes.owner != 0 { lines.append("set_inode_field \(name) uid \(attributes.owner)") }
        if attributes.group != 0 { lines.append("set_inode_field \(name) gid \(attributes.group)") }
    }

    /// Goes to the directory of a path; returns the path's last part. `write` knows only names in the current one.
    private mutating func enter(_ path: String) throws(DiskImageError) -> String {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let parent = slash == path.startIndex ? "/" : String(path[..<slash])
        if parent != directory {
            lines.append("cd \(try Self.quoted(parent))")
            directory = parent
        }
        return try Self.quoted(String(path[path.index(after: slash)...]))
    }

    /// A word of debugfs: in quotes, in which only a quote itself must be doubled.
    private static func quoted(_ word: String) throws(DiskImageError) -> String {
        guard !word.utf8.contains(where: { $0 < 0x20 }) else {
            throw .toolFailed("debugfs", reason: "\(word.debugDescription) cannot be named to it")
        }
        return "\"" + word.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
