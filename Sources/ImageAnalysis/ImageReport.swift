/// What an image holds and whether it can boot; the form of `images inspect --json`.
public struct ImageReport: Sendable, Codable {
    /// A kernel of the image.
    public struct Kernel: Sendable, Codable {
        /// As `uname -r` says it.
        public let release: String
        /// Where it was found.
        public let path: String
        /// `plain` or `uki`.
        public let form: String
        /// Its initramfs: a path, `in the UKI`, or nil.
        public let initramfs: String?
        /// Its package's version.
        public let package: String?
        /// How it comes by what virtual machines need: built-in, module or absent.
        public let capabilities: [String: String]
    }

    /// The ssh server.
    public struct SSHServer: Sendable, Codable {
        public let present: Bool
        public let unit: String?
        public let enabled: Bool
        public let version: String?
    }

    /// One layer.
    public struct Layer: Sendable, Codable {
        public let digest: String
        public let diffID: String
        public let size: Int64

        /// A layer.
        public init(digest: String, diffID: String, size: Int64) {
            self.digest = digest
            self.diffID = diffID
            self.size = size
        }

        enum CodingKeys: String, CodingKey {
            case digest, size
            case diffID = "diff_id"
        }
    }

    /// Whether it can boot as an ephemeral machine.
    public struct Verdict: Sendable, Codable {
        public let bootable: Bool
        /// Why not.
        public let obstacles: [String]
        /// What may go wrong.
        public let warnings: [String]
    }

    public let reference: String
    public let digest: String
    public let architecture: String
    public let os: String
    /// os-release's ID.
    public let osID: String?
    /// os-release's VERSION_ID.
    public let osVersion: String?
    /// os-release's PRETTY_NAME.
    public let osName: String?
    /// Whether the label containers.bootc=1 is there.
    public let bootc: Bool
    /// The version of the bootc package.
    public let bootcVersion: String?
    public let createdAt: String?
    public let labels: [String: String]
    public let layers: [Layer]
    /// Bytes of all files.
    public let rootSize: Int64
    public let tree: String
    public let kernels: [Kernel]
    /// `systemd`, `other` or nil.
    public let initSystem: String?
    public let initProgram: String?
    public let systemdVersion: String?
    public let services: ServiceStates
    public let sshServer: SSHServer
    /// Why package versions are missing, if they are.
    public let packageNote: String?
    public let verdict: Verdict

    enum CodingKeys: String, CodingKey {
        case reference, digest, architecture, os, bootc, labels, layers, tree, kernels, services, verdict
        case osID = "os_id"
        case osVersion = "os_version"
        case osName = "os_name"
        case bootcVersion = "bootc_version"
        case createdAt = "created_at"
        case rootSize = "root_size"
        case initSystem = "init_system"
        case initProgram = "init_program"
        case systemdVersion = "systemd_version"
        case sshServer = "ssh_server"
        case packageNote = "package_note"
    }
}
