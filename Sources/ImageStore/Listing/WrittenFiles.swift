internal import Glibc

/// What is known of a layer's files by who has just written them, so that it need not be found out again.
struct WrittenFiles: Sendable {
    /// Of files' bytes, by inode; those of others are read.
    var checksums: [UInt: UInt64] = [:]
    /// The inodes that were given extended attributes; nil where every one must be asked.
    var withAttributes: Set<UInt>?
    /// The times that directories are to have, once nothing is made in them any more.
    var directoryTimes: [LayerPath: timespec] = [:]
}
