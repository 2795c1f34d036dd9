internal import CLinux
internal import Compression
internal import Glibc
internal import LinuxSystem
internal import SystemPackage
internal import Tar

// Everything that is no directory.
extension LayerExtractor {
    func makeHardLink(_ name: RawName, in parent: Int32, _ entry: TarEntry, _ path: LayerPath) throws {
        guard !entry.linkTarget.isEmpty else { throw LayerError.emptyLinkTarget(entry: entry.name) }
        let target = try LayerPath(entry.linkTarget, of: entry.name)
        guard let targetName = target.name else {
            throw LayerError.linkToDirectory(entry: entry.name, target: "its root")
        }
        guard let holder = try directory.openIfDirectory(target.parent) else {
            return try linkLater(path, target, name, parent)
        }
        if holder.canonical.appending(targetName) == path { return }
        func link() -> Bool {
            targetName.withCString { old in name.withCString { new in linkat(holder.raw, old, parent, new, 0) } } == 0
        }
        if link() { return countName() }
        if errno == EEXIST {
            try replace(name, in: parent, path)
            if link() { return countName() }
        }
        switch errno {
        // Its target is a lower layer's.
        case ENOENT: try linkLater(path, target, name, parent)
        case EPERM: throw LayerError.linkToDirectory(entry: entry.name, target: target.description)
        default: throw SystemError("link", "")
        }
    }

    private func linkLater(_ path: LayerPath, _ target: LayerPath, _ name: RawName, _ parent: Int32) throws {
        try replace(name, in: parent, path)
        changes.linkLate(path, to: target)
    }

    func makeNode(
        _ entry: TarEntry, _ name: RawName, in parent: Int32, _ path: LayerPath, _ reader: inout TarReader
    ) throws {
        switch entry.kind {
        case .file: return try makeFile(entry, name, in: parent, path, &reader)
        case .symbolicLink:
            guard !entry.linkTarget.isEmpty else { throw LayerError.emptyLinkTarget(entry: entry.name) }
            try create(name, in: parent, path) { name in
                RawName(entry.linkTarget).withCString { symlinkat($0, parent, name) }
            }
        case .fifo:
            try create(name, in: parent, path) { mkfifoat(parent, $0, 0o600) }
        case .characterDevice, .blockDevice:
            let type = entry.kind == .characterDevice ? S_IFCHR : S_IFBLK
            do {
                try create(name, in: parent, path) {
                    clinux_make_device(parent, $0, type | 0o600, entry.deviceMajor, entry.deviceMinor)
                }
            } catch let failure as SystemError where failure.errno == .notPermitted {
                // Only the host's root may make devices. The guest gets its own from its kernel.
                return changes.omit("device node", entry.name)
            }
        case .directory, .hardLink: return
        }
        try EntryAttributes.setOwnerAndMode(of: name, in: parent, entry)
        try setExtended(of: name, in: parent, entry.attributes, entry: entry.name)
        var times = [EntryAttributes.time(entry), EntryAttributes.time(entry)]
        guard name.withCString({ utimensat(parent, $0, &times, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw SystemError("set time", "")
        }
    }

    private func create(
        _ name: RawName, in parent: Int32, _ path: LayerPath, _ body: (UnsafePointer<CChar>) -> Int32
    ) throws {
        if name.withCString(body) == 0 { return countName() }
        guard errno == EEXIST else { throw SystemError("create", "") }
        try replace(name, in: parent, path)
        guard name.withCString(body) == 0 else { throw SystemError("create", "") }
        countName()
    }

    // MARK: Files

    private func makeFile(
        _ entry: TarEntry, _ name: RawName, in parent: Int32, _ path: LayerPath, _ reader: inout TarReader
    ) throws {
        var number: Int32 = -1
        try create(name, in: parent, path) {
            number = openat(
                parent, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(entry.mode) & 0o777)
            return number < 0 ? -1 : 0
        }
        let file = OwnedDescriptor(owning: number)
        var status = stat()
        guard fstat(file.raw, &status) == 0 else { throw SystemError("stat", "") }
        if let extents = entry.extents {
            // Of a file that was replaced, if the number is its.
            written.checksums[status.st_ino] = nil
            try writeSparse(extents, entry, file.raw, &reader)
        } else {
            written.checksums[status.st_ino] = try writeAll(file.raw, &reader)
        }
        let unfinished = UnfinishedFile(file, status, entry)
        if let finisher, entry.attributes.isEmpty { return try finisher.add(unfinished) }
        try unfinished.finish()
        // A change of owner takes a capability away, so attributes come after it.
        try setExtended(of: name, in: parent, entry.attributes, entry: entry.name)
    }

    private func writeAll(_ file: Int32, _ reader: inout TarReader) throws -> UInt64 {
        var checksum = Checksum64()
        while true {
            let piece = try reader.read(through: buffer)
            if piece.isEmpty { return checksum.value }
            checksum.update(piece)
            try write(piece, to: file, at: nil)
        }
    }

    private func writeSparse(
        _ extents: [TarExtent], _ entry: TarEntry, _ file: Int32, _ reader: inout TarReader
    ) throws {
        guard ftruncate(file, Int(entry.size)) == 0 else { throw SystemError("set size", "") }
        for extent in extents {
            var done: Int64 = 0
            while done < extent.length {
                let wanted = Int(min(Int64(buffer.count), extent.length - done))
                let piece = try reader.read(through: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
                guard !piece.isEmpty else { throw TarError.badSparseMap(entry: entry.name) }
                try write(piece, to: file, at: extent.offset + done)
                done += Int64(piece.count)
            }
        }
    }

    private func write(
        _ piece: UnsafeRawBufferPointer, to file: Int32, at offset: Int64?
    ) throws(SystemError) {
        var written = 0
        while written < piece.count {
            let rest = UnsafeRawBufferPointer(rebasing: piece[written...])
            let result =
                if let offset {
                    pwrite(file, rest.baseAddress, rest.count, Int(offset) + written)
                } else {
                    Glibc.write(file, rest.baseAddress, rest.count)
                }
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { throw SystemError("write", "") }
            written += result
        }
    }
}
