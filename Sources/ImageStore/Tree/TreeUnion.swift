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
        fileprivate(set) var times: [(path: LayerPath, wanted: timespec, found: timespec)] = []
        /// How many names were found in each layer, its root among them; the lowest layer first.
        fileprivate(set) var found: [Int]
        /// How many names the tree has, without its root.
        fileprivate(set) var names = 0
        fileprivate(set) var directoryBytes: Int64 = 0
        /// Bytes of the files that show, each counted once.
        fileprivate(set) var fileBytes: Int64 = 0
        /// The inodes of the files that show.
        fileprivate var shown: [UInt64] = []
        /// Bytes of the files that do not show, or not with every name.
        fileprivate var hidden: [UInt64: Int64] = [:]

        fileprivate mutating func add(_ other: Made) {
            times += other.times
            for (index, count) in other.found.enumerated() { found[index] += count }
            names += other.names
            directoryBytes += other.directoryBytes
            shown += other.shown
            hidden.merge(other.hidden) { $1 }
        }

        fileprivate mutating func count(_ layers: [PlainLayer]) {
            // A layer may stand in an image more than once.
            let distinct = Dictionary(layers.map { ($0.path, $0.fileBytes) }) { first, _ in first }
            fileBytes = distinct.values.boundedSum()
            if hidden.isEmpty { return }
            for inode in shown { hidden[inode] = nil }
            fileBytes -= hidden.values.boundedSum()
        }
    }

    /// Does it, on at most `width` threads.
    ///
    /// Throws `UnitedNames.LinkInTheWay`, besides errors of the system, where the layers cannot be put together so; the lowest layer has
    /// number 0 in it. What was made is left to the caller then.
    func run(width: Int) throws -> Made {
        let all = Array(layers.indices)
        let parts: [Made]
        do {
            parts = try WorkQueue.run(Place(path: .root, layers: all, isHidden: false), width: width) { queue in
                var worker = Worker(layers: layers, tree: tree)
                try queue.forEach { try worker.make($0) { queue.add($0) } }
                return worker.made
            }
        } catch let link as UnitedNames.LinkInTheWay {
            throw UnitedNames.LinkInTheWay(layer: layers.count - 1 - link.layer)
        }
        var sum = Made(found: all.map { _ in 1 })
        for part in parts { sum.add(part) }
        sum.count(layers)
        sum.found.reverse()
        return sum
    }

    /// Throws where somebody has removed something since: that changes the time of the directory that it was in. Looks on at most
    /// `width` threads.
    func expectUnchanged(_ made: Made, width: Int) throws {
        let times = made.times
        let share = times.count / max(1, width) + 1
        try Threads.forEach((times.count + share - 1) / share, width: width) { part in
            for time in times[(part * share)..<min(times.count, (part + 1) * share)] {
                try expectTime(time.found, of: time.path)
            }
        }
    }

    private func expectTime(_ time: timespec, of path: LayerPath) throws {
        var status = stat()
        let result = RawName(path.bytes).withCString {
            fstatat(tree.descriptor.raw, $0, &status, AT_SYMLINK_NOFOLLOW)
        }
        guard result == 0, status.st_mtim.tv_sec == time.tv_sec, status.st_mtim.tv_nsec == time.tv_nsec
        else { throw SystemError("find again what was made in", tree.path.string, errno: ENOENT) }
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
            if place.isHidden {
                let names = try look(at: place, found, directory: { _, _ in }, file: { _, _ in })
                let directories = names.directories.map { ($0.name, $0.layers) } + names.hidden.map { ($0, $1) }
                for (name, layers) in directories {
                    found(Place(path: place.path.appending(name), layers: layers, isHidden: true))
                }
                return
            }
            guard let target = try tree.descriptor.openDirectory(beneath: place.path) else {
                throw SystemError("open", place.path.description, errno: ENOENT)
            }
            let names = try fill(place, target, found)
            for (name, layers) in names.hidden {
                found(Place(path: place.path.appending(name), layers: layers, isHidden: true))
            }
            for directory in names.directories {
                found(Place(path: place.path.appending(directory.name), layers: directory.layers, isHidden: false))
            }
        }

        /// The layer whose directory says what it is to be.
        private func model(of place: Place) -> Int {
            place.layers.first { layers[$0].defines(place.path) } ?? place.layers[place.layers.count - 1]
        }

        /// Gives a directory its attributes, all its names, and then its time.
        private mutating func fill(
            _ place: Place, _ target: borrowing OwnedDescriptor, _ found: (Place) -> Void
        ) throws -> UnitedNames {
            let raw = target.raw
            let model = model(of: place)
            var count = 0
            var inodes: [UInt64] = []
            var copied: timespec?
            let names = try look(at: place, found) { layer, source in
                if layer == model { copied = try DirectoryAttributes.copy(from: source, to: raw, place.path) }
            } file: { entry, source in
                guard entry.name.withCString({ linkat(source, $0, raw, $0, 0) }) == 0 else {
                    throw SystemError("link", place.path.appending(entry.name).description)
                }
                if entry.kind == .regular { inodes.append(entry.inode) }
                count += 1
            }
            // An opaque layer that does not say what the directory is to be hides the one that does.
            let time = try copied ?? DirectoryAttributes.copy(from: layers[model].open(place.path), to: raw, place.path)
            for directory in names.directories {
                guard directory.name.withCString({ mkdirat(raw, $0, 0o755) }) == 0 else {
                    throw SystemError("create directory", place.path.appending(directory.name).description)
                }
                count += 1
            }
            try EntryAttributes.setTime(time, of: raw)
            var status = stat()
            guard fstat(raw, &status) == 0 else { throw SystemError("stat", place.path.description) }
            // What was removed before the time was set is missing now, what is removed later changes the time.
            guard try target.entryCount(subject: place.path.description) == count else {
                throw SystemError("find again what was made in", place.path.description, errno: ENOENT)
            }
            made.shown += inodes
            made.names += count
            made.directoryBytes += Int64(status.st_blocks) * 512
            made.times.append((place.path, time, status.st_mtim))
            return names
        }

        /// Goes through the layers' directories of a place: hands out each of them, and the files that show with the directory that
        /// has them.
        private mutating func look(
            at place: Place, _ found: (Place) -> Void,
            directory: (_ layer: Int, borrowing OwnedDescriptor) throws -> Void,
            file: (RawEntry, Int32) throws -> Void
        ) throws -> UnitedNames {
            var names = UnitedNames(layers: place.layers.count)
            for (position, index) in place.layers.enumerated() {
                let layer = layers[index]
                let source = try layer.open(place.path)
                try directory(index, source)
                for entry in try source.rawEntries(subject: place.path.description) {
                    made.found[index] += 1
                    if entry.kind == .directory {
                        let isPassed = !layer.defines(place.path.appending(entry.name))
                        names.addDirectory(entry.name, of: index, isPassed: isPassed)
                    } else if try names.addFile(entry.name, isLink: entry.kind == .symbolicLink), !place.isHidden {
                        try file(entry, source.raw)
                    } else {
                        try hide(entry, in: source.raw, place.path)
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

        private mutating func hide(_ entry: RawEntry, in source: Int32, _ place: LayerPath) throws(SystemError) {
            guard entry.kind == .regular else { return }
            var status = stat()
            guard entry.name.withCString({ fstatat(source, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
                throw SystemError("stat", place.appending(entry.name).description)
            }
            made.hidden[entry.inode] = Int64(status.st_size)
        }
    }
}
