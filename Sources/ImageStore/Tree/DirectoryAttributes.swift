internal import CLinux
internal import Glibc
internal import LinuxSystem

/// Owner, mode and extended attributes of a directory, which a tree has anew.
enum DirectoryAttributes {
    /// Copies them, and returns the time that the directory is to have once it has all its names.
    static func copy(
        from source: borrowing OwnedDescriptor, to target: Int32, _ place: LayerPath
    ) throws(SystemError) -> timespec {
        var (status, own) = (stat(), stat())
        guard fstat(source.raw, &status) == 0, fstat(target, &own) == 0 else {
            throw SystemError("stat", place.description)
        }
        // Of a directory that was just made, most is so already. A change of owner takes bits of the mode away.
        let isOwners = own.st_uid == status.st_uid && own.st_gid == status.st_gid
        guard isOwners || fchown(target, status.st_uid, status.st_gid) == 0,
            (isOwners && own.st_mode == status.st_mode) || fchmod(target, status.st_mode & 0o7777) == 0,
            clinux_copy_attributes(source.raw, target) == 0
        else { throw SystemError("set attributes of", place.description) }
        return status.st_mtim
    }
}
