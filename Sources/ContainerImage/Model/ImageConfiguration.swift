/// An image's configuration (OCI image specification, "Image Configuration").
public struct ImageConfiguration: Hashable, Sendable, Codable {
    /// How a container of the image is run.
    public struct Execution: Hashable, Sendable, Codable {
        /// The user, as `name`, `id` or `user:group`.
        public var user: String?
        /// `NAME=value` words.
        public var environment: [String]?
        /// The command's first words.
        public var entrypoint: [String]?
        /// The command's further words.
        public var command: [String]?
        /// Where it starts.
        public var workingDirectory: String?
        /// Free labels.
        public var labels: [String: String]?
        /// The signal that asks it to end.
        public var stopSignal: String?

        enum CodingKeys: String, CodingKey {
            case user = "User"
            case environment = "Env"
            case entrypoint = "Entrypoint"
            case command = "Cmd"
            case workingDirectory = "WorkingDir"
            case labels = "Labels"
            case stopSignal = "StopSignal"
        }
    }

    /// The layers' digests before compression, lowest first.
    public struct RootFileSystem: Hashable, Sendable, Codable {
        /// Always `layers`.
        public var type: String
        /// One for each layer.
        public var diffIDs: [Digest]

        enum CodingKeys: String, CodingKey {
            case type
            case diffIDs = "diff_ids"
        }
    }

    /// When it was made (RFC 3339).
    public var created: String?
    /// The processor.
    public var architecture: String
    /// The processor's refinement.
    public var variant: String?
    /// The operating system.
    public var os: String
    /// How to run it.
    public var config: Execution?
    /// What its root is made of.
    public var rootfs: RootFileSystem

    /// What it is for.
    public var platform: Platform { Platform(os: os, architecture: architecture, variant: variant) }
    /// Its labels.
    public var labels: [String: String] { config?.labels ?? [:] }
}
