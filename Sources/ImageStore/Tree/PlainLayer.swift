internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A layer that says with its own directories all that it does to the layers below: no hard link of it leads to one of their files,
/// and what it hides is in directories that it has itself.
final class PlainLayer: Sendable {
    /// The directory with its files.
    let path: FilePath
    /// Bytes of its files, each counted once.
    let fileBytes: Int64
    private let root: OwnedDescriptor
    private let hidden: [LayerPath: [RawName]]
    private let opaque: Set<LayerPath>
    private let implicit: Set<LayerPath>

    /// - Parameter isLowest: whether there are no layers below.
    /// - Returns: nil when it is no such layer.
    init?(_ layer: TreeBuilder.Layer, isLowest: Bool) throws(SystemError) {
        let changes = layer.changes
        guard changes.lateLinks.isEmpty else { return nil }
        path = layer.path
        fileBytes = layer.fileBytes
        root = try OwnedDescriptor(opening: layer.path, .readOnly, options: [.directory])
        implicit = changes.implicit
        if isLowest {
            (hidden, opaque) = ([:], [])
            return
        }
        var hidden: [LayerPath: [RawName]] = [:]
        for path in changes.whiteouts {
            guard let name = path.name, try root.openDirectory(beneath: path.parent) != nil else { return nil }
            hidden[path.parent, default: []].append(name)
        }
        for path in changes.opaque where try root.openDirectory(beneath: path) == nil { return nil }
        (self.hidden, opaque) = (hidden, Set(changes.opaque))
    }

    /// Opens one of its directories.
    func open(_ path: LayerPath) throws(SystemError) -> OwnedDescriptor {
        guard let directory = try root.openDirectory(beneath: path) else {
            throw SystemError("open", path.description, errno: ENOENT)
        }
        return directory
    }

    /// Whether it says what one of its directories is to be, and does not only pass through it.
    func defines(_ path: LayerPath) -> Bool { !implicit.contains(path) }

    /// The names in a directory that it takes away from the layers below.
    func hidden(in path: LayerPath) -> [RawName] { hidden[path] ?? [] }

    /// Whether it hides everything that the layers below have in a directory.
    func isOpaque(_ path: LayerPath) -> Bool { opaque.contains(path) }
}
