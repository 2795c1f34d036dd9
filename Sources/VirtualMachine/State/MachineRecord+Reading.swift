import FoundationEssentials
internal import Machine
internal import SystemPackage

/// Reading records that another version of bcvk has written: it may know keys that this one does not, and lack some that this one
/// writes. What is missing, or said in words that are not known here, is left open.
extension MachineRecord {
    /// Reads the record of a machine.
    /// - Parameter directory: the machine's directory, which says its name too; what the record says of both does not count.
    package init(reading bytes: [UInt8], in directory: MachineDirectory) throws {
        do {
            self = try JSONDecoder().decode(MachineRecord.self, from: Data(bytes))
        } catch {
            throw MachineError.recordUnreadable(directory.name)
        }
        name = directory.name
        self.directory = directory.path.string
    }

    /// Whether a newer bcvk has written it in a form of which this one may understand a part only.
    public var isForeign: Bool { version != Self.currentVersion }

    public init(from decoder: any Decoder) throws {
        let keys = TolerantKeys(try decoder.container(keyedBy: CodingKeys.self))
        version = keys.value(.version, 0)
        name = keys.value(.name, "")
        image = keys.value(.image, "")
        digest = keys.value(.digest, "")
        tree = keys.value(.tree, "")
        state = keys.value(.state, .unknown)
        reason = keys.optional(.reason)
        createdAt = keys.value(.createdAt, "")
        root = keys.value(.root, "")
        kernelVersion = keys.value(.kernelVersion, "")
        kernelArguments = keys.value(.kernelArguments, [])
        accelerator = keys.optional(.accelerator)
        memoryMebibytes = keys.value(.memoryMebibytes, 0)
        processors = keys.value(.processors, 0)
        labels = keys.value(.labels, [:])
        hostname = keys.value(.hostname, "")
        network = keys.value(.network, "user")
        ports = keys.value(.ports, [])
        shares = keys.value(.shares, [])
        disks = keys.value(.disks, [])
        sshPort = keys.value(.sshPort, 0)
        sshKey = keys.value(.sshKey, "")
        sshUser = keys.value(.sshUser, "root")
        supervisorProcess = keys.optional(.supervisorProcess)
        qemuProcess = keys.optional(.qemuProcess)
        virtiofsdProcesses = keys.value(.virtiofsdProcesses, [])
        qmpSocket = keys.value(.qmpSocket, "")
        agentSocket = keys.value(.agentSocket, "")
        guest = keys.value(.guest, GuestReadiness())
        consoleLog = keys.value(.consoleLog, "")
        journalLog = keys.optional(.journalLog)
        qemuLog = keys.value(.qemuLog, "")
        virtiofsdLog = keys.value(.virtiofsdLog, "")
        directory = keys.value(.directory, "")
        removeAtExit = keys.value(.removeAtExit, false)
        template = keys.optional(.template)
        landlock = keys.optional(.landlock)
        qemuArguments = keys.value(.qemuArguments, [])
    }
}

extension GuestReadiness {
    public init(from decoder: any Decoder) throws {
        let keys = TolerantKeys(try decoder.container(keyedBy: CodingKeys.self))
        self.init()
        agent = keys.value(.agent, false)
        ssh = keys.value(.ssh, false)
        boot = keys.value(.boot, false)
        emergency = keys.value(.emergency, false)
        serviceExit = keys.optional(.serviceExit)
        failedUnits = keys.value(.failedUnits, [])
    }
}

/// The keys of an object of which any may be missing or hold what is not understood.
private struct TolerantKeys<Key: CodingKey> {
    private let container: KeyedDecodingContainer<Key>

    init(_ container: KeyedDecodingContainer<Key>) {
        self.container = container
    }

    func optional<Value: Decodable>(_ key: Key) -> Value? {
        // A value of another kind is as good as none: its meaning is not known here.
        (try? container.decodeIfPresent(Value.self, forKey: key)) ?? nil
    }

    func value<Value: Decodable>(_ key: Key, _ otherwise: Value) -> Value {
        optional(key) ?? otherwise
    }
}
