internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// Makes the root file system inside the disk's file: mke2fs(8) fills it from the tree, debugfs(8) then changes the few files
/// that a disk has otherwise. The tree itself is only read.
struct Ext4Maker {
    /// Fixed features, so that neither the version nor the configuration of the host's mke2fs decides: every one of them is
    /// understood by GRUB 2.06 and e2fsprogs 1.43.
    private static let features = [
        "none", "has_journal", "ext_attr", "resize_inode", "dir_index", "filetype", "extent", "64bit", "flex_bg",
        "sparse_super", "large_file", "huge_file", "dir_nlink", "extra_isize", "metadata_csum",
    ]

    let disk: FilePath
    let partition: Partition
    let id: GUID
    /// The seed of its hashed directories.
    let hashSeed: GUID
    /// The time that everything new has.
    let clock: Int64
    /// Whether data is written without regard to the journal.
    let isOptimized: Bool

    /// The file system as the tools are told of it.
    private var device: String { "\(disk)?offset=\(partition.offset)" }

    /// Makes it from a tree.
    /// - Parameter work: what is done meanwhile; it writes nothing to this partition.
    func make(
        from tree: FilePath, survey: TreeSurvey, map: UserNamespaceMap?, beside work: () throws -> Void
    ) throws {
        let mke2fs = try HostTool(.mke2fs)
        let extended = [
            "offset=\(partition.offset)", "hash_seed=\(hashSeed)", "root_owner=0:0",
            // The file is new and has zeros everywhere.
            "nodiscard", "lazy_itable_init=1", "lazy_journal_init=1",
        ]
        let inodes = Ext4Space.inodes(survey, size: partition.size)
        try mke2fs.run(
            [
                "-q", "-F", "-t", "ext4", "-O", Self.features.joined(separator: ","), "-b", "4096", "-I", "256", "-N",
                "\(inodes)", "-m", "1", "-U", id.description, "-L", "root", "-E", extended.joined(separator: ","), "-d",
                tree.string, disk.string, "\(partition.size >> 10)k",
            ], clock: clock, map: map, beside: work)
        if isOptimized {
            try HostTool(.tune2fs).run(["-o", "journal_data_writeback", device], clock: clock)
        }
    }

    /// Changes files in it.
    /// - Parameters:
    ///   - root: the tree's own directory, whose attributes mke2fs 1.47.0 leaves out.
    ///   - work: an empty directory for the content of files.
    func apply(
        _ changes: [TreeChange], root: FileStatus, map: UserNamespaceMap?, work: FilePath
    ) throws {
        var script = DebugfsScript(root: root, map: map)
        for (index, change) in changes.enumerated() {
            let content = work.appending("\(index)")
            if case .file(_, let bytes, _) = change { try Files.writeAtomically(bytes, to: content) }
            try script.add(change, content: content.string)
        }
        let file = work.appending("script")
        try Files.writeAtomically(script.text, to: file)
        let debugfs = try HostTool(.debugfs)
        let result = try debugfs.run(["-w", "-f", file.string, device], clock: clock)
        // It ends well whatever happened; what did not succeed is said after its version.
        let complaints = String(decoding: result.errorOutput, as: UTF8.self).split(separator: "\n")
            .filter { !$0.hasPrefix("debugfs ") }
        guard complaints.isEmpty else {
            throw DiskImageError.toolFailed("debugfs", reason: complaints.joined(separator: "; "))
        }
        try Ext4Times(file: try OwnedDescriptor(opening: disk, .readWrite), offset: partition.offset).settle()
    }
}
