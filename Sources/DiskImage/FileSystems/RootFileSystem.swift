/// The root's file system.
public enum RootFileSystem: String, Sendable, Hashable, Codable, CaseIterable {
    case ext4, xfs, btrfs

    /// Why the tools of this host cannot fill one without mounting it; nil where they can.
    var obstacle: String? {
        switch self {
        case .ext4: nil
        case .xfs: "mkfs.xfs is filled from a list that has neither hard links nor times"
        case .btrfs:
            "mkfs.btrfs takes hard links that lead out of the tree for its own, and nothing can change files in what it made"
        }
    }
}
