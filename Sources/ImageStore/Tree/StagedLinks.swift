internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Files of lower layers that a layer links to, kept aside under numbers until the layer is in place.
final class StagedLinks {
    private let path: FilePath
    private let directory: OwnedDescriptor
    private var numbers: [LayerPath: Int] = [:]

    init(_ path: FilePath) throws {
        try Files.createDirectories(path)
        self.path = path
        directory = try OwnedDescriptor(opening: path, .readOnly, options: [.directory])
    }

    /// Keeps a link's target, unless the tree has nothing of that name.
    func stage(_ link: LayerChanges.LateLink, from tree: AnchoredDirectory) throws {
        let name = Self.name(numbers.count)
        if let earlier = numbers[link.target] {
            try HardLink.make(from: Self.name(earlier), in: directory.raw, to: name, in: directory.raw, for: link)
        } else {
            guard let targetName = link.target.name, let holder = try tree.openIfDirectory(link.target.parent),
                Self.isFile(targetName, in: holder.raw)
            else { return }
            try HardLink.make(from: targetName, in: holder.raw, to: name, in: directory.raw, for: link)
        }
        numbers[link.path] = numbers.count
    }

    /// Whether the target of the link with this path was kept.
    func holds(_ path: LayerPath) -> Bool { numbers[path] != nil }

    /// Gives what was kept the link's name.
    func place(_ link: LayerChanges.LateLink, in parent: Int32, as name: RawName) throws {
        guard let number = numbers[link.path] else { return }
        try HardLink.make(from: Self.name(number), in: directory.raw, to: name, in: parent, for: link)
    }

    /// Forgets everything, for the next layer.
    func clear() throws(SystemError) {
        for number in numbers.values { try TreeRemoval.remove(Self.name(number), in: directory.raw) }
        numbers = [:]
    }

    /// Ends the use of the directory.
    func remove() throws(SystemError) {
        try Files.removeTree(path)
    }

    private static func name(_ number: Int) -> RawName { RawName("\(number)".utf8) }

    private static func isFile(_ name: RawName, in parent: Int32) -> Bool {
        var status = stat()
        return name.withCString { fstatat(parent, $0, &status, AT_SYMLINK_NOFOLLOW) } == 0
            && status.st_mode & S_IFMT != S_IFDIR
    }
}

/// linkat(2), which never follows the link that it links to.
enum HardLink {
    static func make(
        from old: RawName, in oldParent: Int32, to new: RawName, in parent: Int32, for link: LayerChanges.LateLink
    ) throws {
        let result = old.withCString { old in new.withCString { new in linkat(oldParent, old, parent, new, 0) } }
        if result == 0 { return }
        let (entry, target) = (link.path.description, link.target.description)
        switch errno {
        case ENOENT: throw LayerError.missingLinkTarget(entry: entry, target: target)
        case EPERM: throw LayerError.linkToDirectory(entry: entry, target: target)
        default: throw SystemError("link", entry)
        }
    }
}
