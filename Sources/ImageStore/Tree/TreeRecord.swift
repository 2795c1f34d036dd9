internal import Glibc
internal import LinuxSystem

/// What is known of a tree while layers are added to it one after another.
struct TreeRecord {
    /// The times that its directories are to have; they are set last, since everything that is made in a directory changes its time.
    var times: [LayerPath: timespec] = [:]
    /// How many names it has, without its root; nil once a whole directory was removed.
    private(set) var names: Int? = 0

    init() {}

    /// Of a tree that was made in one walk.
    init(_ made: TreeUnion.Made) {
        times = Dictionary(made.times.map { ($0.path, $0.wanted) }) { $1 }
        names = made.names
    }

    mutating func count(_ change: Int = 1) {
        names = names.map { $0 + change }
    }

    /// Removes a name of the tree, whatever it is.
    mutating func remove(
        _ name: RawName, in directory: AnchoredDirectory.DirectoryHandle, of tree: AnchoredDirectory
    ) throws(SystemError) {
        switch try tree.remove(name, in: directory) {
        case .nothing: break
        case .file: count(-1)
        case .directory(let path):
            names = nil
            times = times.filter { !$0.key.isInside(path) }
        }
    }
}
