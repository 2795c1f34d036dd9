internal import CLinux
internal import Compression
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Looks at everything below a directory.
struct LayerWalk {
    /// The checksum of a file's bytes, where it is known already; others are read.
    private let known: [UInt: UInt64]
    private var listing = LayerListing()
    /// Every inode with several names, and the first of them in the order of the walk.
    private var links: [UInt: [Int]] = [:]
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)

    /// Whether nothing but the root needs to be asked for extended attributes.
    private var hasNoAttributes = false

    private init(known: [UInt: UInt64]) {
        self.known = known
    }

    /// - Parameters:
    ///   - known: checksums of files by inode.
    ///   - setNoAttributes: whether who made all this set no extended attribute.
    static func listing(
        of directory: FilePath, known: [UInt: UInt64] = [:], setNoAttributes: Bool = false
    ) throws -> LayerListing {
        var walk = LayerWalk(known: known)
        let top = try OwnedDescriptor(opening: directory, .readOnly, options: [.directory])
        // Attributes that nobody set come from a directory's default, which the root has then too.
        walk.hasNoAttributes = try setNoAttributes && AttributesChecksum.of(RawName(".".utf8), in: top.raw) == 0
        try walk.add(RawName(".".utf8), at: [], in: top.raw)
        try walk.descend(top, [])
        return walk.finished()
    }

    private mutating func descend(_ directory: borrowing OwnedDescriptor, _ path: [UInt8]) throws {
        for entry in try directory.rawEntries(subject: String(decoding: path, as: UTF8.self)) {
            let inner = path.isEmpty ? entry.name.bytes : path + [UInt8(ascii: "/")] + entry.name.bytes
            try add(entry.name, at: inner, in: directory.raw)
            if entry.kind == .directory {
                let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
                let number = entry.name.withCString { openat(directory.raw, $0, flags) }
                guard number >= 0 else { throw SystemError("open", String(decoding: inner, as: UTF8.self)) }
                try descend(OwnedDescriptor(owning: number), inner)
            }
        }
    }

    private mutating func add(_ name: RawName, at path: [UInt8], in parent: Int32) throws {
        var status = stat()
        guard name.withCString({ fstatat(parent, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw SystemError("stat", String(decoding: path, as: UTF8.self))
        }
        let kind = FileKind(mode: status.st_mode)
        let isFirstName = links[status.st_ino] == nil
        let isDevice = kind == .characterDevice || kind == .blockDevice
        var content: UInt64 = 0
        if kind == .regular {
            content = try known[status.st_ino] ?? checksum(name, in: parent)
        } else if kind == .symbolicLink {
            content = Self.linkChecksum(name, in: parent)
        }
        // Links tell of others that are not of this layer, so only names that are seen here count.
        if kind != .directory, status.st_nlink > 1 { links[status.st_ino, default: []].append(listing.entries.count) }
        if isFirstName { listing.diskBytes += Int64(status.st_blocks) * 512 }
        listing.entries.append(
            ListedEntry(
                path: path.isEmpty ? name : RawName(path), mode: status.st_mode, owner: status.st_uid,
                group: status.st_gid, size: kind == .regular ? Int64(status.st_size) : 0,
                modifiedSeconds: Int64(status.st_mtim.tv_sec), modifiedNanoseconds: Int64(status.st_mtim.tv_nsec),
                device: isDevice ? UInt64(status.st_rdev) : 0, content: content,
                attributes: hasNoAttributes ? 0 : try AttributesChecksum.of(name, in: parent), linkGroup: 0))
    }

    /// Sorted, with the link groups counted in that order.
    private consuming func finished() -> LayerListing {
        var numbers = [UInt32](repeating: 0, count: listing.entries.count)
        for (number, members) in links.values.filter({ $0.count > 1 }).enumerated() {
            for member in members { numbers[member] = UInt32(number + 1) }
        }
        for index in listing.entries.indices { listing.entries[index].linkGroup = numbers[index] }
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

    private mutating func checksum(_ name: RawName, in parent: Int32) throws(SystemError) -> UInt64 {
        let number = name.withCString { openat(parent, $0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) }
        guard number >= 0 else { throw SystemError("open", name.description) }
        let file = OwnedDescriptor(owning: number)
        var checksum = Checksum64()
        while true {
            let count = read(file.raw, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read", name.description) }
            if count == 0 { return checksum.value }
            buffer[..<count].withUnsafeBytes { checksum.update($0) }
        }
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
