internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Putting plain layers on top of each other in one walk through all of them, by several threads: each directory is made once, with
/// what it has in the end.
struct TreeUnion: Sendable {
    /// The topmost first.
    private let layers: [PlainLayer]
    private let tree: Root

    private final class Root: Sendable {
        let path: FilePath
        let descriptor: OwnedDescriptor

        init(_ path: FilePath) throws(SystemError) {
            self.path = path
            descriptor = try OwnedDescriptor(opening: path, .readOnly, options: [.directory])
        }
    }

    /// - Parameters:
    ///   - layers: at least one, the lowest first.
    ///   - tree: an empty directory.
    init(of layers: [PlainLayer], into tree: FilePath) throws(SystemError) {
        self.layers = layers.reversed()
        self.tree = try Root(tree)
    }

    /// What became of it.
    struct Made: Sendable {
        /// The times that the directories are to have, and what the file system has made of them.
        fileprivate(set) var times: [LayerPath: (wanted: timespec, found: timespec)] = [:]
        /// How many names were found in each layer, its root among them; the lowest layer first.
        fileprivate(set) var found: [Int]
        /// How many names the tree has, without its root.
        fileprivate(set) var names = 0
        fileprivate(set) var directoryBytes: Int64 = 0
        /// Bytes of files by inode.
        fileprivate(set) var files: [UInt: Int64] = [:]

        fileprivate mutating func add(_ other: Made) {
            times.merge(other.times) { $1 }
            for (index, count) in other.found.enumerated() { found[index] += count }
            names += other.names
            directoryBytes += other.directoryBytes
            files.merge(other.files) { $1 }
        }
    }

    /// Does it, on at most `width` threads.
    ///
    /// Throws `UnitedNames.LinkInTheWay`, besides errors of the system, where the layers cannot be put together so. What was made is
    /// left to the caller then.
    func run(width: Int) throws -> Made {
        let all = Array(layers.indices)
        let parts = try WorkQueue.run(Place(path: .root, layers: all, isHidden: false), width: width) { queue in
            var worker = Worker(layers: layers, tree: tree)
            try queue.forEach { try worker.make($0) { queue.add($0) } }
            return worker.made
        }
        var sum = Made(found: all.map { _ in 1 })
        for part in parts { sum.add(part) }
        try expectUnchanged(sum)
        sum.found.reverse()
        return sum
    }

    /// Somebody may remove what is just being made: that changes the time of the directory that it was in.
    private func expectUnchanged(_ made: Made) throws {
        for (path, time) in made.times {
            var status = stat()
            let result = RawName(path.bytes).withCString {
                fstatat(tree.descriptor.raw, $0, &status, AT_SYMLINK_NOFOLLOW)
            }
            guard result == 0, status.st_mtim.tv_sec == time.found.tv_sec,
                status.st_mtim.tv_nsec == time.found.tv_nsec
            else { throw SystemError("find again what was made in", tree.path.string, errno: ENOENT) }
        }
    }

    /// A directory, with the layers that have it, the topmost first.
    private struct Place: Sendable {
        let path: LayerPath
        let layers: [Int]
        /// Whether something of a higher layer hides all of it: then its names are only counted.
        let isHidden: Bool
    }

    /// What one thread does.
    private struct Worker {
        let layers: [PlainLayer]
        let tree: Root
        var made: Made

        init(layers: [PlainLayer], tree: Root) {
            self.layers = layers
            self.tree = tree
            made = Made(found: layers.map { _ in 0 })
        }

        mutating func make(_ place: Place, found: (Place) -> Void) throws {
            if place.isHidden { return try count(place, found) }
            guard let target = try tree.descriptor.openDirectory(beneath: place.path) else {
                throw SystemError("open", place.path.description, errno: ENOENT)
            }
            let time = try DirectoryAttributes.copy(
                from: try layers[model(of: place)].open(place.path), to: target.raw, place.path)
            let names = try fill(place, target, found)
            for directory in names.directories {
                let path = place.path.appending(directory.name)
                guard directory.name.withCString({ mkdirat(target.raw, $0, 0o755) }) == 0 else {
                    throw SystemError("create directory", path.description)
                }
                made.names += 1
            }
            try EntryAttributes.setTime(time, of: target.raw)
            var status = stat()
            guard fstat(target.raw, &status) == 0 else { throw SystemError("stat", place.path.description) }
            made.directoryBytes += Int64(status.st_blocks) * 512
            made.times[place.path] = (time, status.st_mtim)
            for (name, layers) in names.hidden {
                found(Place(path: place.path.appending(name), layers: layers, isHidden: true))
            }
            for directory in names.directories {
                found(Place(path: place.path.appending(directory.name), layers: directory.layers, isHidden: false))
            }
        }

        /// The layer whose directory says what it is to be.
        private func model(of place: Place) -> Int {
            // An opaque root hides what is in the roots below, and not what they are.
            let layers = place.path.isRoot ? Array(layers.indices) : place.layers
            return layers.first { self.layers[$0].defines(place.path) } ?? layers[layers.count - 1]
        }

        /// Links what is no directory, and says which directories there are to be.
        private mutating func fill(
            _ place: Place, _ target: borrowing OwnedDescriptor, _ found: (Place) -> Void
        ) throws -> UnitedNames {
            var names = UnitedNames()
            for (position, index) in place.layers.enumerated() {
                let layer = layers[index]
                let source = try layer.open(place.path)
                for entry in try source.rawEntries(subject: place.path.description) {
                    made.found[index] += 1
                    if entry.kind == .directory {
                        let isPassed = !layer.defines(place.path.appending(entry.name))
                        names.addDirectory(entry.name, of: index, isPassed: isPassed)
                    } else if try names.addFile(entry.name, isLink: entry.kind == .symbolicLink) {
                        try link(entry, from: source.raw, to: target.raw, place.path)
                    }
                }
                names.hide(layer.hidden(in: place.path))
                if layer.isOpaque(place.path) {
                    let rest = Array(place.layers[(position + 1)...])
                    if !rest.isEmpty { found(Place(path: place.path, layers: rest, isHidden: true)) }
                    break
                }
            }
            return names
        }

        private mutating func link(
            _ entry: RawEntry, from source: Int32, to target: Int32, _ place: LayerPath
        ) throws(SystemError) {
            guard entry.name.withCString({ linkat(source, $0, target, $0, 0) }) == 0 else {
                throw SystemError("link", place.appending(entry.name).description)
            }
            made.names += 1
            guard entry.kind == .regular else { return }
            var status = stat()
            guard entry.name.withCString({ fstatat(source, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
                throw SystemError("stat", place.appending(entry.name).description)
            }
            made.files[status.st_ino] = Int64(status.st_size)
        }

        private mutating func count(_ place: Place, _ found: (Place) -> Void) throws {
            for index in place.layers {
                let directory = try layers[index].open(place.path)
                for entry in try directory.rawEntries(subject: place.path.description) {
                    made.found[index] += 1
                    guard entry.kind == .directory else { continue }
                    found(Place(path: place.path.appending(entry.name), layers: [index], isHidden: true))
                }
            }
        }
    }
}
