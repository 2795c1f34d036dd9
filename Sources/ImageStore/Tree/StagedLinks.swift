internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Files of lower layers that a layer links to, kept aside under numbers until the layer is in place.
final class StagedLinks {
    private let path: FilePath
    private let directory: OwnedDescriptor
    private var numbers: [LayerPath: Int] = [:]
    private var next = 0

    init(_ path: FilePath) throws {
        try Files.createDirectories(path)
        self.path = path
        directory = try OwnedDescriptor(opening: path, .readOnly, options: [.directory])
    }

    /// Keeps the target of a link, unless the tree has nothing of that name.
    func stage(_ link: LayerPath, to target: LayerPath, from tree: AnchoredDirectory) throws {
        let name = Self.name(next)
        if let earlier = numbers[target] {
            try HardLink.make(of: Self.name(earlier), in: directory.raw, as: name, in: directory.raw, link, target)
        } else if let targetName = target.name, let holder = try tree.openIfDirectory(target.parent),
            Self.isFile(targetName, in: holder.raw)
        {
            try HardLink.make(of: targetName, in: holder.raw, as: name, in: directory.raw, link, target)
        } else {
            numbers[link] = nil
            return
        }
        numbers[link] = next
        next += 1
    }

    /// The link is none any more; what was linked to it stays.
    func drop(_ link: LayerPath) {
        numbers[link] = nil
    }

    /// Whether the target of the link was kept.
    func holds(_ link: LayerPath) -> Bool { numbers[link] != nil }

    /// Gives what was kept the link's name.
    func place(_ link: LayerPath, to target: LayerPath, in parent: Int32, as name: RawName) throws {
        guard let number = numbers[link] else { return }
        try HardLink.make(of: Self.name(number), in: directory.raw, as: name, in: parent, link, target)
    }

    /// Forgets everything, for the next layer.
    func clear() throws(SystemError) {
        for number in 0..<next { try TreeRemoval.remove(Self.name(number), in: directory.raw) }
        numbers = [:]
        next = 0
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
        of old: RawName, in oldParent: Int32, as new: RawName, in parent: Int32, _ link: LayerPath, _ target: LayerPath
    ) throws {
        let result = old.withCString { old in new.withCString { new in linkat(oldParent, old, parent, new, 0) } }
        if result == 0 { return }
        switch errno {
        case ENOENT: throw LayerError.missingLinkTarget(entry: link.description, target: target.description)
        case EPERM: throw LayerError.linkToDirectory(entry: link.description, target: target.description)
        default: throw SystemError("link", link.description)
        }
    }
}
