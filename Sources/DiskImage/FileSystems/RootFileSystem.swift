/// The root's file system.
public enum RootFileSystem: String, Sendable, Hashable, Codable, CaseIterable {
    case ext4, xfs, btrfs

    /// Why the tools of this host cannot fill one without mounting it; nil where they can.
    var obstacle: String? {
        switch self {
        case .ext4: nil
        case .xfs:
            "mkfs.xfs takes a list of files, which has no extended attributes and no way to change files afterwards"
        case .btrfs:
            "mkfs.btrfs takes a directory, but nothing can change files in the file system that it made without mounting it"
        }
    }
}
