public import Machine

/// What is known of a machine, as it is kept in its directory and shown by `inspect`.
public struct MachineRecord: Sendable, Hashable, Codable {
    /// How far a machine is.
    public enum State: String, Sendable, Hashable, Codable {
        /// Its processes are being started.
        case starting
        /// QEMU executes it.
        case running
        /// It was paused by QMP.
        case paused
        /// It was asked to shut down.
        case stopping
        /// The guest ended, or was ended, as somebody wished.
        case exited
        /// It ended otherwise; `reason` says how.
        case failed
        /// Another version of bcvk says it in a word that this one does not know.
        case unknown

        /// Whether the machine is gone.
        public var isEnd: Bool { self == .exited || self == .failed }
    }

    /// The form that this program writes. It changes when a key changes its meaning; keys may be added without that.
    public static let currentVersion = 1

    /// The form's version.
    public var version = Self.currentVersion
    /// The machine's name.
    public var name: String
    /// The image as the user named it.
    public var image: String
    /// The digest of the image's manifest.
    public var digest: String
    /// The image's unpacked tree.
    public var tree: String
    /// How far it is.
    public var state: State
    /// Why it ended; nil while it has not.
    public var reason: String?
    /// The time of its start (RFC 3339, UTC).
    public var createdAt: String
    /// How the root file system is laid out: bootc or writable.
    public var root: String
    /// The kernel's release.
    public var kernelVersion: String
    /// The kernel's command line.
    public var kernelArguments: [String]
    /// What executes the guest; nil where another version of bcvk says it in a word that this one does not know.
    public var accelerator: Accelerator?
    /// MiB of memory.
    public var memoryMebibytes: UInt64
    /// How many CPUs.
    public var processors: Int
    /// What filters go by.
    public var labels: [String: String]
    /// The guest's host name.
    public var hostname: String
    /// How far the guest's network reaches: user, isolated or none.
    public var network: String
    /// Ports of this host that the user published.
    public var ports: [PublishedPort]
    /// Directories of this host in the guest, beside its root.
    public var shares: [SharedDirectory]
    /// Disks of the guest that are files of this host.
    public var disks: [AttachedDisk]
    /// The port of 127.0.0.1 that leads to the guest's sshd; 0 until it is known, and without a network.
    public var sshPort: UInt16
    /// The private key's file.
    public var sshKey: String
    /// The user that ssh logs in as.
    public var sshUser: String
    /// The supervisor, once it runs.
    public var supervisorProcess: Int32?
    /// QEMU, while it runs.
    public var qemuProcess: Int32?
    /// The virtiofsd processes, while they run.
    public var virtiofsdProcesses: [Int32]
    /// A monitor for anybody (one client at a time).
    public var qmpSocket: String
    /// Where clients of the guest's agent connect.
    public var agentSocket: String
    /// How far the guest is.
    public var guest = GuestReadiness()
    /// What the guest wrote to its console.
    public var consoleLog: String
    /// The file that grows with the guest's journal; nil where none was asked for.
    public var journalLog: String?
    /// QEMU's own messages.
    public var qemuLog: String
    /// virtiofsd's messages.
    public var virtiofsdLog: String
    /// The machine's directory.
    public var directory: String
    /// Whether the machine's directory goes when it ends well.
    public var removeAtExit: Bool
    /// The template from which it went on; nil for one that has booted.
    public var template: String?
    /// The version of Landlock by which QEMU is kept from files; nil where the kernel has none, and before it runs.
    public var landlock: Int?
    /// QEMU's arguments.
    public var qemuArguments: [String]

    /// Whether there is a way to the guest's ssh server.
    public var hasSSH: Bool { network != "none" }

    enum CodingKeys: String, CodingKey {
        case version, name, image, digest, tree, state, reason, root, accelerator, directory, guest
        case template, landlock
        case labels, hostname, network, ports, shares, disks
        case createdAt = "created_at"
        case kernelVersion = "kernel_version"
        case kernelArguments = "kernel_arguments"
        case memoryMebibytes = "memory_mib"
        case processors = "vcpus"
        case sshPort = "ssh_port"
        case sshKey = "ssh_key"
        case sshUser = "ssh_user"
        case supervisorProcess = "supervisor_pid"
        case qemuProcess = "qemu_pid"
        case virtiofsdProcesses = "virtiofsd_pids"
        case qmpSocket = "qmp_socket"
        case agentSocket = "agent_socket"
        case journalLog = "journal_log"
        case consoleLog = "console_log"
        case qemuLog = "qemu_log"
        case virtiofsdLog = "virtiofsd_log"
        case removeAtExit = "remove_at_exit"
        case qemuArguments = "qemu_arguments"
    }
}
