internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import SystemPackage
internal import Tar

/// Writes one layer's archive into an empty directory.
///
/// Whiteouts, links to lower layers and the like become `changes`; they have their effect when trees are put together.
final class LayerExtractor {
    private let directory: AnchoredDirectory
    private(set) var changes = LayerChanges()
    private var directoryTimes: [(path: LayerPath, time: timespec)] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)

    init(into path: FilePath) throws(SystemError) {
        directory = try AnchoredDirectory(path)
    }

    /// Extracts everything up to the stream's end.
    func extract(_ reader: inout TarReader) throws {
        while let entry = try reader.next() {
            do {
                try extract(entry, &reader)
            } catch let failure as SystemError {
                throw LayerError.failed(entry: entry.name, failure)
            }
        }
        try reader.drain()
        // Last, since every entry made below a directory changes its time.
        for (path, time) in directoryTimes.reversed() {
            guard let handle = try directory.open(path) else { continue }
            try Self.setTime(time, of: handle.raw, subject: path.description)
        }
    }

    private func extract(_ entry: TarEntry, _ reader: inout TarReader) throws {
        let path = try LayerPath(entry.path, of: entry.name)
        guard let name = path.name else {
            guard entry.kind == .directory else { throw LayerError.rootIsNoDirectory }
            guard let root = try directory.open(path) else { throw LayerError.rootIsNoDirectory }
            return try finishDirectory(root.raw, entry, path)
        }
        if try takeWhiteout(name, path, entry) { return }
        // Held until the end: what is made may make the directory forget it.
        let holder = try parent(of: path, entry)
        defer { withExtendedLifetime(holder) {} }
        switch entry.kind {
        case .directory: try makeDirectory(name, in: holder.raw, entry, path)
        case .hardLink: try makeHardLink(name, in: holder.raw, entry, path)
        default: try make(entry, name, in: holder.raw, path, &reader)
        }
    }

    private func parent(of path: LayerPath, _ entry: TarEntry) throws -> AnchoredDirectory.DirectoryHandle {
        do {
            return try directory.openMaking(path.parent) { changes.implicit.insert($0) }
        } catch {
            if error.errno == .notDirectory { throw LayerError.parentIsNoDirectory(entry: entry.name) }
            throw error
        }
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

    // MARK: Directories and links

    private func makeDirectory(_ name: RawName, in parent: Int32, _ entry: TarEntry, _ path: LayerPath) throws {
        if name.withCString({ mkdirat(parent, $0, 0o700) }) != 0 {
            guard errno == EEXIST else { throw SystemError("create directory", entry.name) }
            var status = stat()
            guard name.withCString({ fstatat(parent, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
                throw SystemError("stat", entry.name)
            }
            if status.st_mode & S_IFMT != S_IFDIR {
                try replace(name, in: parent)
                guard name.withCString({ mkdirat(parent, $0, 0o700) }) == 0 else {
                    throw SystemError("create directory", entry.name)
                }
            }
        }
        let number = name.withCString { openat(parent, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        guard number >= 0 else { throw SystemError("open", entry.name) }
        let made = OwnedDescriptor(owning: number)
        try finishDirectory(made.raw, entry, path)
    }

    private func finishDirectory(_ descriptor: Int32, _ entry: TarEntry, _ path: LayerPath) throws {
        changes.implicit.remove(path)
        try setOwner(descriptor, entry)
        try setAttributes(entry, RawName(".".utf8), in: descriptor)
        directoryTimes.append((path, entry.time))
    }

    private func makeHardLink(_ name: RawName, in parent: Int32, _ entry: TarEntry, _ path: LayerPath) throws {
        guard !entry.linkTarget.isEmpty else { throw LayerError.emptyLinkTarget(entry: entry.name) }
        let target = try LayerPath(entry.linkTarget, of: entry.name)
        guard let targetName = target.name else {
            throw LayerError.linkToDirectory(entry: entry.name, target: "its root")
        }
        if target == path { return }
        try replace(name, in: parent)
        guard let holder = try targetDirectory(target.parent) else {
            changes.lateLinks.append((path, target))
            return
        }
        let result = targetName.withCString { old in
            name.withCString { new in linkat(holder.raw, old, parent, new, 0) }
        }
        if result == 0 { return }
        guard errno == ENOENT else {
            if errno == EPERM { throw LayerError.linkToDirectory(entry: entry.name, target: target.description) }
            throw SystemError("link", entry.name)
        }
        changes.lateLinks.append((path, target))
    }

    /// A target's directory that is no directory in this layer may be one in a lower layer.
    private func targetDirectory(_ path: LayerPath) throws -> AnchoredDirectory.DirectoryHandle? {
        do {
            return try directory.open(path)
        } catch {
            if error.errno == .notDirectory { return nil }
            throw error
        }
    }

    // MARK: Everything else

    private func make(
        _ entry: TarEntry, _ name: RawName, in parent: Int32, _ path: LayerPath, _ reader: inout TarReader
    ) throws {
        switch entry.kind {
        case .file: return try makeFile(entry, name, in: parent, &reader)
        case .symbolicLink:
            guard !entry.linkTarget.isEmpty else { throw LayerError.emptyLinkTarget(entry: entry.name) }
            try creating(name, in: parent, entry) { name in
                RawName(entry.linkTarget).withCString { symlinkat($0, parent, name) }
            }
        case .fifo:
            try creating(name, in: parent, entry) { mkfifoat(parent, $0, 0o600) }
        case .characterDevice, .blockDevice:
            let type = entry.kind == .characterDevice ? S_IFCHR : S_IFBLK
            do {
                try creating(name, in: parent, entry) {
                    clinux_make_device(parent, $0, type | 0o600, entry.deviceMajor, entry.deviceMinor)
                }
            } catch let failure as SystemError where failure.errno == .notPermitted {
                // Only the host's root may make devices. The guest gets its own from the kernel.
                changes.omitted.append("device \(entry.name)")
                return
            }
        case .directory, .hardLink: return
        }
        try setLinkOwner(name, in: parent, entry)
        try setAttributes(entry, name, in: parent)
        var times = [entry.time, entry.time]
        guard name.withCString({ utimensat(parent, $0, &times, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw SystemError("set time of", entry.name)
        }
    }

    private func makeFile(_ entry: TarEntry, _ name: RawName, in parent: Int32, _ reader: inout TarReader) throws {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        var number = name.withCString { openat(parent, $0, flags, 0o600) }
        if number < 0, errno == EEXIST {
            try replace(name, in: parent)
            number = name.withCString { openat(parent, $0, flags, 0o600) }
        }
        guard number >= 0 else { throw SystemError("create", entry.name) }
        let file = OwnedDescriptor(owning: number)
        if let extents = entry.extents {
            try writeSparse(extents, entry, file.raw, &reader)
        } else {
            try writeAll(entry, file.raw, &reader)
        }
        try setOwner(file.raw, entry)
        // A change of owner takes a capability away, so attributes come after it.
        try setAttributes(entry, name, in: parent)
        try Self.setTime(entry.time, of: file.raw, subject: entry.name)
    }

    private func writeAll(_ entry: TarEntry, _ file: Int32, _ reader: inout TarReader) throws {
        while true {
            let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
            if count == 0 { return }
            try write(count, to: file, at: nil, entry)
        }
    }

    private func writeSparse(_ extents: [TarExtent], _ entry: TarEntry, _ file: Int32, _ reader: inout TarReader) throws {
        guard ftruncate(file, Int(entry.size)) == 0 else { throw SystemError("set size of", entry.name) }
        for extent in extents {
            var done: Int64 = 0
            while done < extent.length {
                let wanted = Int(min(Int64(buffer.count), extent.length - done))
                let count = try buffer.withUnsafeMutableBytes { bytes in
                    try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]))
                }
                guard count > 0 else { throw TarError.badSparseMap(entry: entry.name) }
                try write(count, to: file, at: extent.offset + done, entry)
                done += Int64(count)
            }
        }
    }

    private func write(_ count: Int, to file: Int32, at offset: Int64?, _ entry: TarEntry) throws(SystemError) {
        var written = 0
        while written < count {
            let result = buffer.withUnsafeBytes { bytes in
                if let offset {
                    pwrite(file, bytes.baseAddress?.advanced(by: written), count - written, Int(offset) + written)
                } else {
                    Glibc.write(file, bytes.baseAddress?.advanced(by: written), count - written)
                }
            }
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { throw SystemError("write", entry.name) }
            written += result
        }
    }

    // MARK: Attributes

    private func creating(
        _ name: RawName, in parent: Int32, _ entry: TarEntry, _ body: (UnsafePointer<CChar>) -> Int32
    ) throws {
        if name.withCString(body) == 0 { return }
        guard errno == EEXIST else { throw SystemError("create", entry.name) }
        try replace(name, in: parent)
        guard name.withCString(body) == 0 else { throw SystemError("create", entry.name) }
    }

    /// Makes room for an entry that comes a second time, or with another type.
    private func replace(_ name: RawName, in parent: Int32) throws(SystemError) {
        var status = stat()
        guard name.withCString({ fstatat(parent, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else { return }
        try AnchoredDirectory.remove(name, in: parent)
        if status.st_mode & S_IFMT == S_IFDIR || status.st_mode & S_IFMT == S_IFLNK { directory.forget() }
    }

    private func setOwner(_ descriptor: Int32, _ entry: TarEntry) throws(SystemError) {
        guard fchown(descriptor, entry.owner, entry.group) == 0 else { throw SystemError("set owner of", entry.name) }
        guard fchmod(descriptor, mode_t(entry.mode)) == 0 else { throw SystemError("set mode of", entry.name) }
    }

    private func setLinkOwner(_ name: RawName, in parent: Int32, _ entry: TarEntry) throws(SystemError) {
        guard name.withCString({ fchownat(parent, $0, entry.owner, entry.group, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw SystemError("set owner of", entry.name)
        }
        if entry.kind == .symbolicLink { return }
        guard name.withCString({ fchmodat(parent, $0, mode_t(entry.mode), 0) }) == 0 else {
            throw SystemError("set mode of", entry.name)
        }
    }

    private func setAttributes(_ entry: TarEntry, _ name: RawName, in parent: Int32) throws(SystemError) {
        for attribute in entry.attributes {
            let text = String(decoding: attribute.name, as: UTF8.self)
            // An engine's own bookkeeping, which would change what an overlay of ours shows.
            if text.hasPrefix("trusted.") || text.hasPrefix("user.overlay.") { continue }
            let result = attribute.value.withUnsafeBytes { value in
                name.withCString { clinux_set_attribute(parent, $0, text, value.baseAddress, value.count) }
            }
            if result == 0 { continue }
            let failure = SystemError("set attribute \(text) of", entry.name)
            switch failure.errno {
            // Labels and signatures need the host's root or a kernel that knows them; links take no user attributes.
            case .notPermitted, .notSupported, .permissionDenied:
                changes.omitted.append("attribute \(text) of \(entry.name)")
            default: throw failure
            }
        }
    }

    private static func setTime(_ time: timespec, of descriptor: Int32, subject: String) throws(SystemError) {
        var times = [time, time]
        guard futimens(descriptor, &times) == 0 else { throw SystemError("set time of", subject) }
    }
}

extension TarEntry {
    fileprivate var time: timespec { timespec(tv_sec: Int(modifiedSeconds), tv_nsec: Int(modifiedNanoseconds)) }
}
