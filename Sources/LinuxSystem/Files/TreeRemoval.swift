internal import Glibc

/// Recursive removal by descriptors: a directory that is swapped for a link on the way leads nowhere. Names are bytes,
/// since trees hold names in any encoding.
public enum TreeRemoval {
    /// Removes whatever has this name in an open directory, with everything below it. What is not there is no error.
    public static func remove(_ name: RawName, in directory: Int32) throws(SystemError) {
        if name.withCString({ unlinkat(directory, $0, 0) }) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw SystemError("remove", name.description) }
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let number = name.withCString { openat(directory, $0, flags) }
        guard number >= 0 else {
            if errno == ENOENT { return }
            throw SystemError("remove", name.description)
        }
        let child = OwnedDescriptor(owning: number)
        for entry in try child.rawEntries(subject: name.description) { try remove(entry.name, in: child.raw) }
        guard name.withCString({ unlinkat(directory, $0, AT_REMOVEDIR) }) == 0 || errno == ENOENT else {
            throw SystemError("remove", name.description)
        }
    }
}
