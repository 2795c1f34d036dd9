public import LinuxSystem
public import SystemPackage

/// The image that becomes a disk, and what of this host makes it one.
public struct DiskSource {
    /// As the user named it.
    public var image: String
    /// The digest of its manifest.
    public var digest: String
    /// Its tree.
    public var tree: RootDirectory
    /// What the tree is known by.
    public var treeKey: String
    /// Whether the tree may change under its key, as a directory that is used in place.
    public var mayChange: Bool
    /// The directory for what is derived from trees.
    public var derived: FilePath
    /// The guest program's file.
    public var guest: FilePath
    /// Counts the tree, in a process that may read all of it.
    public var survey: (FilePath) throws -> TreeSurvey
    /// Makes an initramfs for a kernel's release with the image's own tool.
    public var makeInitramfs: (String) throws -> [UInt8]

    /// An image with its tree.
    public init(
        image: String, digest: String, tree: RootDirectory, treeKey: String, mayChange: Bool, derived: FilePath,
        guest: FilePath, survey: @escaping (FilePath) throws -> TreeSurvey,
        makeInitramfs: @escaping (String) throws -> [UInt8]
    ) {
        self.image = image
        self.digest = digest
        self.tree = tree
        self.treeKey = treeKey
        self.mayChange = mayChange
        self.derived = derived
        self.guest = guest
        self.survey = survey
        self.makeInitramfs = makeInitramfs
    }
}
