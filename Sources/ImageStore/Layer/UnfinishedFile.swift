internal import Glibc
internal import LinuxSystem
internal import Tar

/// A file with all its content, but not yet with its owner, mode and time.
final class UnfinishedFile: Sendable {
    private let descriptor: OwnedDescriptor
    private let status: stat
    private let entry: TarEntry

    /// - Parameter status: of the file as it was made.
    init(_ descriptor: consuming OwnedDescriptor, _ status: stat, _ entry: TarEntry) {
        self.descriptor = descriptor
        self.status = status
        var entry = entry
        // Many files wait at once, and these may be large.
        entry.extents = nil
        entry.linkTarget = []
        entry.attributes = []
        self.entry = entry
    }

    func finish() throws {
        try LayerError.naming(entry.name) {
            try EntryAttributes.setOwnerAndMode(of: descriptor.raw, found: status, entry)
            try EntryAttributes.setTime(EntryAttributes.time(entry), of: descriptor.raw)
        }
    }
}
