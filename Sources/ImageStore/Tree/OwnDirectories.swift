internal import LinuxSystem
internal import SystemPackage

/// The directories that a layer says something of: they take the place of links that lower layers have there, and what those lead to
/// stays as it is.
final class OwnDirectories {
    private let layer: OwnedDescriptor
    private let changes: LayerChanges

    init(_ layer: TreeBuilder.Layer) throws(SystemError) {
        self.layer = try OwnedDescriptor(opening: layer.path, .readOnly, options: [.directory])
        changes = layer.changes
    }

    /// Whether one of them, on the way to the path, stands where the tree has something else, so that the path leads to nothing that is
    /// there.
    func replaceLink(above path: LayerPath, in tree: AnchoredDirectory) throws(SystemError) -> Bool {
        var place = LayerPath.root
        for name in path.components.dropLast() {
            place = place.appending(name)
            guard try layer.openDirectory(beneath: place) != nil else { return false }
            if changes.implicit.contains(place) { continue }
            if try tree.openIfDirectory(place, followsLast: false) == nil { return true }
        }
        return false
    }
}
