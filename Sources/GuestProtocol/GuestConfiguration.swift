/// How the guest's root file system is laid out.
public enum RootMode: Sendable {
    /// `/` read-only from the image, `/etc`, `/var` and the homes writable: as a bootc deployment.
    case bootc
    /// Everything writable.
    case writable
}

/// The guest's address, given to it before its init starts.
public struct GuestNetwork: Sendable, Equatable {
    /// The name that the interface gets, nil to leave the kernel's.
    public var interfaceName: String?
    /// The IPv4 address in dotted form.
    public var address: String
    /// The length of the network's prefix.
    public var prefixLength: Int
    /// The default route's gateway.
    public var gateway: String
    /// The resolvers, the first asked first; none where no answer could come.
    public var resolvers: [String]

    /// An address with all that belongs to it.
    public init(interfaceName: String?, address: String, prefixLength: Int, gateway: String, resolvers: [String]) {
        self.interfaceName = interfaceName
        self.address = address
        self.prefixLength = prefixLength
        self.gateway = gateway
        self.resolvers = resolvers
    }

    public static func == (left: GuestNetwork, right: GuestNetwork) -> Bool {
        left.interfaceName.bytes == right.interfaceName.bytes && left.address.bytes == right.address.bytes
            && left.prefixLength == right.prefixLength && left.gateway.bytes == right.gateway.bytes
            && left.resolvers.elementsEqual(right.resolvers) { $0.bytes == $1.bytes }
    }
}

/// What an image without an init of its own was made to run (OCI image specification, configuration).
public struct GuestService: Sendable {
    /// The entrypoint and its command.
    public var arguments: [String]
    /// `NAME=value` words.
    public var environment: [String]
    /// Where it starts; empty for the root.
    public var directory: String
    /// `USER[:GROUP]`, names or numbers; empty for root.
    public var user: String
    /// The number of the signal that asks it to end.
    public var stopSignal: UInt8

    /// A service.
    public init(
        arguments: [String], environment: [String] = [], directory: String = "", user: String = "",
        stopSignal: UInt8 = 15
    ) {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.user = user
        self.stopSignal = stopSignal
    }
}

/// What the guest program is told about the one machine that it runs in.
///
/// It compiles as Embedded Swift too, and so compares text as bytes: the Unicode tables would double the program's size.
public struct GuestConfiguration: Sendable, Equatable {
    /// How the root file system is laid out.
    public var rootMode: RootMode
    /// The virtiofs tag of the image's tree.
    public var rootTag: String
    /// The program that becomes process 1, as a path in the image.
    public var initProgram: String
    /// The machine's host name.
    public var hostname: String
    /// The machine's id: 32 hexadecimal digits (machine-id(5)).
    public var machineID: String
    /// Public keys that may log in as root, and as `sshUser`, one line each.
    public var authorizedKeys: [String]
    /// Another account that the keys are for; nil for root only.
    public var sshUser: String?
    /// The private host key of the machine's ssh server (the text of its file), and the public one; nil to leave the
    /// image's own.
    public var hostKey: String?
    /// The public half of `hostKey`.
    public var hostKeyPublic: String?
    /// The unit of an ssh server that the image has but does not start; nil when there is nothing to do.
    public var sshUnit: String?
    /// Whether the image runs systemd-resolved, which owns /etc/resolv.conf then.
    public var usesResolved: Bool
    /// The address; nil for a machine without a network.
    public var network: GuestNetwork?
    /// What is run in place of an init; nil where the image has one.
    public var service: GuestService?
    /// Whether the journal goes to the host's port for it.
    public var streamsJournal = false
    /// The terminal on which root is logged in without being asked; nil for none.
    public var consoleLogin: String?
    /// How much of the memory what the guest writes may take, in percent.
    public var scratchPercent: Int
    /// The serial number of a disk that takes what the guest writes, in place of the memory; nil for none.
    public var scratchDisk: String?
    /// The serial number of a disk that is swap space; nil for none.
    public var swapDisk: String?
    /// Directories of the host, in the order in which they are mounted.
    public var shares: [GuestShare]
    /// Variables of what runs in the guest, `NAME=value`.
    public var environment: [String]
    /// Units of the image that are not started.
    public var maskedUnits: [String] = []
    /// Whether /usr is read through an overlay, which remembers what is not there and answers ioctls by itself.
    public var overlaysUsr = false
    /// File systems of the kernel's that are mounted before the init runs.
    public var kernelMounts: [GuestMount] = []
    /// Files that are put into the root before its init runs, in this order.
    public var files: [GuestFile]

    /// A configuration with what every machine has; the rest is set afterwards.
    public init(rootMode: RootMode, rootTag: String, initProgram: String, hostname: String, machineID: String) {
        self.rootMode = rootMode
        self.rootTag = rootTag
        self.initProgram = initProgram
        self.hostname = hostname
        self.machineID = machineID
        authorizedKeys = []
        usesResolved = false
        scratchPercent = 75
        shares = []
        environment = []
        files = []
    }

    public static func == (left: GuestConfiguration, right: GuestConfiguration) -> Bool {
        left.encoded() == right.encoded()
    }
}

extension String {
    var bytes: [UInt8] { Array(utf8) }
}

extension String? {
    fileprivate var bytes: [UInt8]? {
        switch self {
        case .some(let text): text.bytes
        case .none: nil
        }
    }
}
