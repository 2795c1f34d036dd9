internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import SystemPackage
internal import Tar

/// What an entry says of its file beside the content.
enum EntryAttributes {
    static func time(_ entry: TarEntry) -> timespec {
        timespec(tv_sec: Int(entry.modifiedSeconds), tv_nsec: Int(entry.modifiedNanoseconds))
    }

    static func setTime(_ time: timespec, of descriptor: Int32) throws(SystemError) {
        var times = [time, time]
        guard futimens(descriptor, &times) == 0 else { throw SystemError("set time", "") }
    }

    /// The mode comes last: a change of owner takes setuid bits away.
    static func setOwnerAndMode(of descriptor: Int32, _ entry: TarEntry) throws {
        guard fchown(descriptor, entry.owner, entry.group) == 0 else { throw ownerFailure(entry) }
        guard fchmod(descriptor, mode_t(entry.mode)) == 0 else { throw SystemError("set mode", "") }
    }

    /// The same for what was just made with its mode, as far as it is not so already.
    static func setOwnerAndMode(of descriptor: Int32, found: stat, _ entry: TarEntry) throws {
        if found.st_uid != entry.owner || found.st_gid != entry.group {
            return try setOwnerAndMode(of: descriptor, entry)
        }
        if found.st_mode & 0o7777 == mode_t(entry.mode) { return }
        guard fchmod(descriptor, mode_t(entry.mode)) == 0 else { throw SystemError("set mode", "") }
    }

    /// The same for what cannot be opened.
    static func setOwnerAndMode(of name: RawName, in parent: Int32, _ entry: TarEntry) throws {
        guard name.withCString({ fchownat(parent, $0, entry.owner, entry.group, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw ownerFailure(entry)
        }
        // A link has no mode, and chmod would follow it.
        if entry.kind == .symbolicLink { return }
        guard name.withCString({ fchmodat(parent, $0, mode_t(entry.mode), 0) }) == 0 else {
            throw SystemError("set mode", "")
        }
    }

    private static func ownerFailure(_ entry: TarEntry) -> any Error {
        if errno == EINVAL {
            return LayerError.ownerBeyondMap(entry: entry.name, owner: entry.owner, group: entry.group)
        }
        return SystemError("set owner", "")
    }

    /// Sets extended attributes; what this host does not take is noted in the layer's changes.
    static func setExtended(
        of name: RawName, in parent: Int32, _ attributes: [TarAttribute], entry: String, _ changes: inout LayerChanges
    ) throws(SystemError) {
        for attribute in attributes {
            let text = String(decoding: attribute.name, as: UTF8.self)
            // An engine's own bookkeeping, which would change what an overlay of ours shows.
            if text.hasPrefix("trusted.") || text.hasPrefix("user.overlay.") { continue }
            let result = attribute.value.withUnsafeBytes { value in
                name.withCString { clinux_set_attribute(parent, $0, text, value.baseAddress, value.count) }
            }
            if result == 0 { continue }
            let failure = SystemError("set attribute \(text)", "")
            switch failure.errno {
            // Labels and signatures need the host's root or a kernel that knows them; links take no user attributes.
            case .notPermitted, .notSupported, .permissionDenied: changes.omit("attribute \(text) of", entry)
            default: throw failure
            }
        }
    }
}
