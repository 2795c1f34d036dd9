internal import CLinux
internal import Compression
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Looks at everything below a directory, and gives its directories the times that they are to have.
struct LayerWalk: Sendable {
    private let written: WrittenFiles
    private var entries: [ListedEntry] = []
    private var diskBytes: Int64 = 0
    /// Every inode with several names: which entries have it.
    private var links: [UInt: (blocks: Int64, members: [Int])] = [:]
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)

    private init(_ written: WrittenFiles) {
        self.written = written
    }

    private static let dot = RawName(".".utf8)

    /// - Parameters:
    ///   - written: what is known of it by who has just written it; directories get their times on the way.
    ///   - width: how many threads may look.
    static func listing(
        of directory: FilePath, written: WrittenFiles = WrittenFiles(), width: Int = 1
    ) throws -> LayerListing {
        let walks = try WorkQueue.run(try WalkedDirectory.root(directory), width: width) { queue in
            var walk = LayerWalk(written)
            try queue.forEach { try walk.look(at: $0) { queue.add($0) } }
            return walk
        }
        var all = LayerWalk(written)
        for walk in walks { all.add(walk) }
        return all.finished()
    }

    private mutating func look(
        at waiting: WalkedDirectory.Waiting, found: (WalkedDirectory.Waiting) -> Void
    ) throws {
        let directory = try waiting.open()
        if let time = written.directoryTimes[directory.path] { try EntryAttributes.setTime(time, of: directory.raw) }
        let isRoot = directory.path.isRoot
        try add(Self.dot, at: isRoot ? Self.dot : RawName(directory.path.bytes), in: directory)
        let prefix = isRoot ? [] : directory.path.bytes + [UInt8(ascii: "/")]
        for entry in try directory.entries() {
            if entry.kind == .directory {
                found(directory.waiting(entry.name))
            } else {
                try add(entry.name, at: RawName(prefix + entry.name.bytes), in: directory)
            }
        }
    }

    private mutating func add(_ name: RawName, at path: RawName, in parent: WalkedDirectory) throws {
        let status = try parent.status(name)
        let kind = FileKind(mode: status.st_mode)
        let isDevice = kind == .characterDevice || kind == .blockDevice
        var content: UInt64 = 0
        if kind == .regular {
            content =
                try written.checksums[status.st_ino] ?? checksum(name, in: parent.raw, size: Int64(status.st_size))
        } else if kind == .symbolicLink {
            content = Self.linkChecksum(name, in: parent.raw)
        }
        let blocks = Int64(status.st_blocks) * 512
        // Links tell of others that are not of this layer, so only names that are seen here count.
        if kind != .directory, status.st_nlink > 1 {
            links[status.st_ino, default: (blocks, [])].members.append(entries.count)
        } else {
            diskBytes += blocks
        }
        let mayHaveAttributes = written.withAttributes?.contains(status.st_ino) ?? true
        entries.append(
            ListedEntry(
                path: path, mode: status.st_mode, owner: status.st_uid,
                group: status.st_gid, size: kind == .regular ? Int64(status.st_size) : 0,
                modifiedSeconds: Int64(status.st_mtim.tv_sec), modifiedNanoseconds: Int64(status.st_mtim.tv_nsec),
                device: isDevice ? UInt64(status.st_rdev) : 0, content: content,
                attributes: mayHaveAttributes ? try AttributesChecksum.of(name, in: parent.raw) : 0, linkGroup: 0))
    }

    /// Takes over what another thread has seen.
    private mutating func add(_ other: LayerWalk) {
        for (inode, link) in other.links {
            links[inode, default: (link.blocks, [])].members += link.members.map { $0 + entries.count }
        }
        entries += other.entries
        diskBytes += other.diskBytes
    }

    /// Sorted, with the link groups counted in that order.
    private consuming func finished() -> LayerListing {
        var listing = LayerListing()
        listing.diskBytes = links.values.reduce(diskBytes) { $0 + $1.blocks }
        for (number, link) in links.values.filter({ $0.members.count > 1 }).enumerated() {
            for member in link.members { entries[member].linkGroup = UInt32(number + 1) }
        }
        listing.entries = entries
        listing.entries.sort { $0.path.precedes($1.path) }
        var renumbered: [UInt32: UInt32] = [:]
        for index in listing.entries.indices where listing.entries[index].linkGroup != 0 {
            let old = listing.entries[index].linkGroup
            let new = renumbered[old] ?? UInt32(renumbered.count + 1)
            renumbered[old] = new
            listing.entries[index].linkGroup = new
        }
        return listing
    }

    private mutating func checksum(_ name: RawName, in parent: Int32, size: Int64) throws(SystemError) -> UInt64 {
        let number = name.withCString { openat(parent, $0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) }
        guard number >= 0 else { throw SystemError("open", name.description) }
        let file = OwnedDescriptor(owning: number)
        var checksum = Checksum64()
        var position: Int64 = 0
        while position < size {
            // Holes are not read.
            let data = Int64(clinux_seek_data(file.raw, Int(position)))
            guard data >= 0 || errno == ENXIO else { throw SystemError("seek in", name.description) }
            let start = data < 0 ? size : min(data, size)
            checksum.updateZeros(start - position)
            position = start
            let hole = start < size ? min(Int64(clinux_seek_hole(file.raw, Int(start))), size) : size
            guard hole > start || start == size else { throw SystemError("seek in", name.description) }
            while position < hole {
                let wanted = Int(min(Int64(buffer.count), hole - position))
                let count = pread(file.raw, &buffer, wanted, Int(position))
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw SystemError("read", name.description) }
                // It has become shorter, which the listing's size says.
                if count == 0 { return checksum.value }
                buffer[..<count].withUnsafeBytes { checksum.update($0) }
                position += Int64(count)
            }
        }
        return checksum.value
    }

    private static func linkChecksum(_ name: RawName, in parent: Int32) -> UInt64 {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = name.withCString { readlinkat(parent, $0, &target, target.count) }
        return count > 0 ? Checksum64.of(target[..<count].map { UInt8(bitPattern: $0) }) : 0
    }
}

/// All extended attributes of a name as one number.
enum AttributesChecksum {
    static func of(_ name: RawName, in parent: Int32) throws(SystemError) -> UInt64 {
        var names = [CChar](repeating: 0, count: 1 << 10)
        var length = name.withCString { clinux_list_attributes_at(parent, $0, &names, names.count) }
        if length < 0, errno == ERANGE {
            names = [CChar](repeating: 0, count: 1 << 16)
            length = name.withCString { clinux_list_attributes_at(parent, $0, &names, names.count) }
        }
        guard length >= 0 else { throw SystemError("list attributes of", name.description) }
        if length == 0 { return 0 }
        let found = names[..<length].map { UInt8(bitPattern: $0) }.split(separator: 0).map(Array.init)
        var checksum = Checksum64()
        var value = [UInt8](repeating: 0, count: 1 << 16)
        for attribute in found.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let text = String(decoding: attribute, as: UTF8.self)
            // The host's own, which it gives to every file as it likes.
            if text == "security.selinux" { continue }
            let size = name.withCString { clinux_get_attribute_at(parent, $0, text, &value, value.count) }
            guard size >= 0 else { throw SystemError("read attribute \(text) of", name.description) }
            let record = attribute + [0] + value[..<size] + [0]
            record.withUnsafeBytes { checksum.update($0) }
        }
        return checksum.value
    }
}
