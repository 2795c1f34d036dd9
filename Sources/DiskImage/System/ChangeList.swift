internal import LinuxSystem

/// Collects changes to a tree. Paths are followed through the tree's links, so that what is changed is what the system will
/// see, and directories that are missing are made.
struct ChangeList {
    /// The changes in the order in which they are to be made.
    private(set) var changes: [TreeChange] = []
    private let tree: RootDirectory
    private var made: Set<String> = []
    private var removed: Set<String> = []

    init(_ tree: RootDirectory) {
        self.tree = tree
    }

    /// Writes a file in place of what is there.
    mutating func write(_ path: String, _ content: [UInt8], _ attributes: TreeChange.Attributes) throws {
        let place = try place(path)
        if !removed.contains(place), try tree.status(place, followLinks: false) != nil {
            changes.append(.removal(place))
        }
        changes.append(.file(place, content, attributes))
        removed.remove(place)
    }

    /// Writes a file of text.
    mutating func write(_ path: String, _ text: String, _ attributes: TreeChange.Attributes) throws {
        try write(path, Array(text.utf8), attributes)
    }

    /// Puts a link in the place of what is there.
    mutating func link(_ path: String, to target: String) throws {
        let place = try place(path, followsLast: false)
        if try tree.linkTarget(place) == target { return }
        if try tree.status(place, followLinks: false) != nil { changes.append(.removal(place)) }
        changes.append(.link(place, target: target))
    }

    /// Removes a name that is no directory; one that is not there is no change.
    mutating func remove(_ path: String) throws {
        guard let status = try tree.status(path, followLinks: false), status.kind != .directory else { return }
        let place = try place(path, followsLast: false)
        guard removed.insert(place).inserted else { return }
        changes.append(.removal(place))
    }

    /// Makes a directory with those above it, where they are missing.
    /// - Parameter attributes: what it has even if it is there already; nil to leave it as it is.
    mutating func directory(_ path: String, _ attributes: TreeChange.Attributes? = nil) throws {
        let place = try place(path)
        let wanted = attributes ?? TreeChange.Attributes(mode: 0o755)
        if try tree.status(place, followLinks: false) != nil {
            // Owners are not compared: for an ordinary user the tree's are subordinate ids.
            if attributes != nil { changes.append(.attributes(place, wanted, isDirectory: true)) }
        } else if made.insert(place).inserted {
            changes.append(.directory(place, wanted))
        }
    }

    /// Where a path leads, without links; missing directories above it are made on the way.
    private mutating func place(_ path: String, followsLast: Bool = true) throws -> String {
        var pending = Array(path.split(separator: "/").map(String.init).reversed())
        var resolved: [String] = []
        var links = 0
        while let part = pending.popLast() {
            if part == "." { continue }
            if part == ".." {
                _ = resolved.popLast()
                continue
            }
            let here = "/" + (resolved + [part]).joined(separator: "/")
            if !pending.isEmpty || followsLast, !removed.contains(here), let target = try tree.linkTarget(here) {
                links += 1
                guard links <= 40 else { throw SystemError("follow", path, errno: 40) }
                if target.hasPrefix("/") { resolved = [] }
                pending += target.split(separator: "/").map(String.init).reversed()
                continue
            }
            if !pending.isEmpty, try tree.status(here, followLinks: false) == nil, made.insert(here).inserted {
                changes.append(.directory(here, TreeChange.Attributes(mode: 0o755)))
            }
            resolved.append(part)
        }
        return "/" + resolved.joined(separator: "/")
    }
}
