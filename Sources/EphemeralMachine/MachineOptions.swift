/// How a machine is to be. What is not set is as with `bcvk ephemeral run`.
public struct MachineOptions: Sendable {
    /// How far a guest is.
    public enum Readiness: Sendable, Hashable {
        /// Programs can be executed; the image's init may not even have begun.
        case agent
        /// The ssh server has been started.
        case ssh
        /// The default target of systemd is reached.
        case boot
    }

    /// How far a machine's network reaches.
    public enum Network: Sendable, Hashable {
        /// Wherever this host's user reaches.
        case user
        /// Nowhere; published ports and ssh lead into it.
        case isolated
        /// There is none, and no ssh.
        case none
    }

    /// How the guest's root is laid out.
    public enum Root: Sendable, Hashable {
        /// `/` read-only, with `/etc`, `/var` and homes writable in memory.
        case bootc
        /// Everything writable in memory.
        case writable
    }

    /// A directory of this host in the guest.
    public struct Share: Sendable, Hashable {
        /// The host's directory.
        public var directory: String
        /// An absolute path of the guest.
        public var guestPath: String
        /// Whether the guest may not write it.
        public var isReadOnly: Bool

        /// A directory at a path of the guest.
        public init(_ directory: String, at guestPath: String, isReadOnly: Bool = true) {
            self.directory = directory
            self.guestPath = guestPath
            self.isReadOnly = isReadOnly
        }
    }

    /// Its name, which is its host name too; nil for one that is made up. Two machines of one user cannot have the same.
    public var name: String?
    /// Its memory, in MiB.
    public var memoryMebibytes = 4096
    /// How many CPUs; nil for as many as the host has.
    public var processors: Int?
    /// How far its network reaches.
    public var network = Network.user
    /// Ports of this host that lead into it, `[IP:]HOST:GUEST[/udp]`; HOST 0 takes a free one, which ``RunningMachine/ports`` tells.
    public var publishedPorts: [String] = []
    /// Directories of this host in it.
    public var shares: [Share] = []
    /// Variables of its services and logins.
    public var environment: [String: String] = [:]
    /// Words for the end of its kernel's command line.
    public var kernelArguments: [String] = []
    /// How its root is laid out; nil to go by the image's label.
    public var root: Root?
    /// How far the guest is when it is handed over.
    public var readiness = Readiness.boot
    /// How many seconds it may take until then; nil for 240, and 600 where instructions are translated.
    public var bootTimeout: Int?
    /// Labels for the filters of `bcvk ephemeral ps` and `rm-all`.
    public var labels: [String: String] = [:]
    /// A directory for `console.txt`, `journal.json` and `journal-initrd.json`, which grow live and stay; nil keeps nothing.
    public var logDirectory: String?
    /// The `bcvk` program; nil for `$BCVK_PROGRAM`, else one beside this process's executable, else one in `PATH`. It has to be of this
    /// library's version.
    public var program: String?
    /// The directory of unpacked images; nil for that of `bcvk`: `$BCVK_CACHE`, or the user's.
    public var cacheDirectory: String?
    /// The directory of machines that run; nil for that of `bcvk`: `$BCVK_STATE`, or the user's.
    public var stateDirectory: String?
    /// Told in words for people, one line each, of what they may want to know: that a step takes long, or that units have failed.
    public var notice: @Sendable (String) -> Void = { _ in }

    /// A machine as `bcvk ephemeral run` makes it.
    public init() {}
}
