public import BootPlan
public import LinuxSystem

/// What a system on a disk needs and an image has not.
public struct SystemChanges: Sendable {
    /// What is decided outside the image.
    public struct Request: Sendable {
        /// The root file system, as fstab names it: `UUID=…`.
        public var rootSource: String
        /// Its type.
        public var fileSystem: RootFileSystem
        /// The EFI system partition, as fstab names it; nil where there is none.
        public var efiSource: String?
        /// The public keys that may log in as root.
        public var authorizedKeys: [String]
        /// The host name; nil to leave the image's, or what it makes of none.
        public var hostname: String?
        /// The guest program, for the agent; nil to leave it out.
        public var agent: [UInt8]?
        /// Whether ext4 writes data without regard to its journal.
        public var isOptimized: Bool
        /// Whether the root grows to the disk at the first boot.
        public var grows: Bool

        /// A request.
        public init(
            rootSource: String, fileSystem: RootFileSystem, efiSource: String?, authorizedKeys: [String],
            hostname: String?, agent: [UInt8]? = nil, isOptimized: Bool, grows: Bool
        ) {
            self.rootSource = rootSource
            self.fileSystem = fileSystem
            self.efiSource = efiSource
            self.authorizedKeys = authorizedKeys
            self.hostname = hostname
            self.agent = agent
            self.isOptimized = isOptimized
            self.grows = grows
        }
    }

    /// The changes, in their order.
    public internal(set) var changes: [TreeChange]
    /// What the user should know of the system, one line each.
    public internal(set) var remarks: [String]

    /// Looks at an image and finds its changes.
    public static func plan(_ tree: RootDirectory, facts: SystemFacts, _ request: Request) throws -> SystemChanges {
        var list = ChangeList(tree)
        var remarks: [String] = []
        try FstabChange.add(to: &list, tree, request)
        try IdentityChange.add(to: &list, tree, request)
        for path in ["/.dockerenv", "/run/.containerenv", "/run/.dockerenv", "/.containerenv"] {
            try list.remove(path)
        }
        try NetworkChange.add(to: &list, tree, facts, remarks: &remarks)
        try SSHChange.add(to: &list, tree, facts, keys: request.authorizedKeys, remarks: &remarks)
        if let program = request.agent { try AgentChange.add(to: &list, program: program) }
        if request.grows { try GrowthChange.add(to: &list, tree) }
        return SystemChanges(changes: list.changes, remarks: remarks)
    }
}
