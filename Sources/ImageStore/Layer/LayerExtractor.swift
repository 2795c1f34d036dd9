internal import CLinux
internal import Compression
internal import Glibc
internal import LinuxSystem
package import SystemPackage
package import Tar

/// Writes one layer's archive into an empty directory (OCI image specification, "Image Layer Filesystem Changeset").
///
/// Whiteouts, links to lower layers and the like become `changes`; they have their effect when trees are put together.
package final class LayerExtractor {
    let directory: AnchoredDirectory
    var changes = LayerChanges()
    /// What the listing need not find out. The checksums of sparse files are not in it.
    var written = WrittenFiles(withAttributes: [])
    /// The extended attributes that directories are to have: set last, since some pass on to what is made in a directory, as default ACLs
    /// do (acl(5)), and an archive says itself what each of its names has.
    private var directoryAttributes: [LayerPath: [TarAttribute]] = [:]
    /// Bytes of all that were kept.
    private var attributeBytes = 0
    private static let attributesLimit = 64 << 20
    /// How many names were made and not replaced, without the root; nil once a whole directory was.
    var names: Int? = 0
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 4096)
    let finisher: FileFinisher?

    /// - Parameters:
    ///   - path: an empty directory.
    ///   - isPipelined: whether files may get their owner, mode and time on a thread of its own.
    package init(into path: FilePath, isPipelined: Bool = false) throws {
        directory = try AnchoredDirectory(path)
        finisher = isPipelined ? try FileFinisher() : nil
        // What the store's own directories give on, the layer's are not to have.
        try directory.clearAttributes()
    }

    deinit { buffer.deallocate() }

    /// What the layer does beyond the files in the directory, in the form that `TreeBuilder` reads.
    package var encodedChanges: [UInt8] { changes.encoded() }

    /// Extracts everything up to the stream's end.
    package func extract(_ reader: inout TarReader) throws {
        while let entry = try reader.next() {
            try LayerError.naming(entry.name) { try extract(entry, &reader) }
        }
        try reader.drain()
        try finisher?.drain()
    }

    /// Gives the directories their extended attributes and their times, and returns what the layer holds.
    /// - Parameter width: how many threads may look at it.
    package func finish(width: Int = 1) throws -> LayerListing {
        for (path, attributes) in directoryAttributes {
            try LayerError.naming(path.description) {
                guard let found = try directory.openExactly(path) else { return }
                try setExtended(of: RawName(".".utf8), in: found.raw, attributes, entry: path.description)
            }
        }
        var listing = try LayerWalk.listing(of: directory.path, written: written, width: width)
        // Somebody may remove what is just being written. The listing has the root too.
        if let names, listing.entries.count != names + 1 {
            throw SystemError("find again what was written to", directory.path.string, errno: ENOENT)
        }
        listing.changes = Checksum64.of(encodedChanges)
        return listing
    }

    private func extract(_ entry: TarEntry, _ reader: inout TarReader) throws {
        let path = try LayerPath(entry.path, of: entry.name)
        guard let name = path.name else {
            guard entry.kind == .directory, let root = try directory.open(path) else {
                throw LayerError.rootIsNoDirectory
            }
            return try finishDirectory(root.raw, entry, path)
        }
        if try takeWhiteout(name, path, entry) { return }
        // Held until the end: what is made may make the directory forget it.
        let holder = try parent(of: path, entry)
        defer { withExtendedLifetime(holder) {} }
        let place = holder.canonical.appending(name)
        guard place.isUsable else { throw LayerError.nameTooLong(entry: entry.name) }
        // An entry that comes a second time takes the place of the first.
        if changes.dropLateLink(place), entry.kind == .directory { changes.opaque.append(place) }
        switch entry.kind {
        case .directory: try makeDirectory(name, in: holder.raw, entry, place)
        case .hardLink: try makeHardLink(name, in: holder.raw, entry, place)
        default: try makeNode(entry, name, in: holder.raw, place, &reader)
        }
    }

    private func parent(of path: LayerPath, _ entry: TarEntry) throws -> AnchoredDirectory.DirectoryHandle {
        do {
            return try directory.openMaking(path.parent) { made in
                changes.implicit.insert(made)
                countName()
            }
        } catch {
            if error.errno == .notDirectory { throw LayerError.parentIsNoDirectory(entry: entry.name) }
            throw error
        }
    }

    func countName() {
        names = names.map { $0 + 1 }
    }

    // MARK: Whiteouts

    private static let whiteoutPrefix = Array(".wh.".utf8)
    private static let opaqueMarker = Array(".wh..wh..opq".utf8)
    private static let reservedPrefix = Array(".wh..wh.".utf8)

    private func takeWhiteout(_ name: RawName, _ path: LayerPath, _ entry: TarEntry) throws -> Bool {
        guard name.bytes.starts(with: Self.whiteoutPrefix) else { return false }
        if name.bytes == Self.opaqueMarker {
            changes.opaque.append(path.parent)
        } else if !name.bytes.starts(with: Self.reservedPrefix) {
            let hidden = Array(name.bytes.dropFirst(Self.whiteoutPrefix.count))
            guard !hidden.isEmpty, !hidden.elementsEqual(".".utf8), !hidden.elementsEqual("..".utf8) else {
                throw LayerError.badWhiteout(entry: entry.name)
            }
            changes.whiteouts.append(path.parent.appending(RawName(hidden)))
        }
        return true
    }

    // MARK: Directories

    private func makeDirectory(_ name: RawName, in parent: Int32, _ entry: TarEntry, _ path: LayerPath) throws {
        let isNew = name.withCString({ mkdirat(parent, $0, 0o700) }) == 0
        if isNew {
            countName()
        } else {
            guard errno == EEXIST else { throw SystemError("create directory", "") }
            // A directory over a directory is the same one with new attributes.
            if try !isDirectory(name, in: parent) {
                try replace(name, in: parent, path)
                // The first entry has hidden what lower layers have below this name.
                changes.opaque.append(path)
                guard name.withCString({ mkdirat(parent, $0, 0o700) }) == 0 else {
                    throw SystemError("create directory", "")
                }
                countName()
            }
        }
        let number = name.withCString { openat(parent, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        guard number >= 0 else { throw SystemError("open", "") }
        let made = OwnedDescriptor(owning: number)
        try finishDirectory(made.raw, entry, path)
    }

    private func isDirectory(_ name: RawName, in parent: Int32) throws(SystemError) -> Bool {
        var status = stat()
        guard name.withCString({ fstatat(parent, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw SystemError("stat", "")
        }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    private func finishDirectory(_ descriptor: Int32, _ entry: TarEntry, _ path: LayerPath) throws {
        changes.implicit.remove(path)
        try EntryAttributes.setOwnerAndMode(of: descriptor, entry)
        attributeBytes += entry.attributes.reduce(0) { $0 + $1.name.count + $1.value.count }
        guard attributeBytes <= Self.attributesLimit else {
            throw LayerError.tooManyAttributes(entry: entry.name, limit: Self.attributesLimit)
        }
        directoryAttributes[path] = entry.attributes.isEmpty ? nil : entry.attributes
        written.directoryTimes[path] = EntryAttributes.time(entry)
    }

    func setExtended(
        of name: RawName, in parent: Int32, _ attributes: [TarAttribute], entry: String
    ) throws(SystemError) {
        if attributes.isEmpty { return }
        try EntryAttributes.setExtended(of: name, in: parent, attributes, entry: entry, &changes)
        var status = stat()
        guard name.withCString({ fstatat(parent, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw SystemError("stat", "")
        }
        written.withAttributes?.insert(status.st_ino)
    }

    /// Makes room for an entry that comes a second time, or with another type.
    func replace(_ name: RawName, in parent: Int32, _ path: LayerPath) throws {
        var status = stat()
        guard name.withCString({ fstatat(parent, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else { return }
        names = status.st_mode & S_IFMT == S_IFDIR ? nil : names.map { $0 - 1 }
        try TreeRemoval.remove(name, in: parent)
        if status.st_mode & S_IFMT == S_IFLNK { directory.forget() }
        guard status.st_mode & S_IFMT == S_IFDIR else { return }
        directory.forget()
        changes.forget(path)
        directoryAttributes = directoryAttributes.filter { !$0.key.isInside(path) }
        written.directoryTimes = written.directoryTimes.filter { !$0.key.isInside(path) }
    }
}
