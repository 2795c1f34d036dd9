internal import BootPlan
internal import ContainerImage
internal import FoundationEssentials
internal import GuestProtocol
public import ImageStore
internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// Turns an image in the cache and a request into a running machine.
public struct MachineLauncher {
    private let registry: MachineRegistry
    private let store: ImageStore
    private let host: MachineHost

    /// A launcher with what was found on this host.
    public init(registry: MachineRegistry, store: ImageStore, host: MachineHost) {
        self.registry = registry
        self.store = store
        self.host = host
    }

    /// Prepares a machine and starts its supervisor.
    ///
    /// - Parameter attached: whether it ends with this process.
    /// - Returns: its record as it is at the start, and the connection to its supervisor.
    public func launch(
        _ image: StoredImage, _ request: MachineRequest, attached: Bool
    ) throws -> (record: MachineRecord, link: SupervisorLink) {
        let lease = try store.lease(image)
        let (directory, lock) = try claim(request.name)
        do {
            let record = try prepare(directory, image, request)
            let link = try SupervisorLink.start(directory, lock: lock, lease: lease.lock, attached: attached)
            return (record, link)
        } catch {
            try directory.remove()
            throw error
        }
    }

    private func claim(_ name: MachineName?) throws -> (directory: MachineDirectory, lock: FileLock) {
        if let name { return try registry.claim(name) }
        while true {
            do {
                return try registry.claim(.random())
            } catch MachineError.nameTaken {
                continue
            }
        }
    }

    private func prepare(
        _ directory: MachineDirectory, _ image: StoredImage, _ request: MachineRequest
    ) throws -> MachineRecord {
        let architecture = Architecture.host
        var options = request.boot
        options.console = architecture.console
        let planner = BootPlanner(
            tree: try RootDirectory(FilePath(image.tree)), treeKey: image.treeKey, derived: store.derivedDirectory,
            guest: host.guest, options: options)
        let plan = try planner.plan()
        let root = request.root ?? (image.configuration.labels["containers.bootc"] == "1" ? .bootc : .writable)
        let configuration = try guestConfiguration(directory, plan, root, options)
        let initrd = directory.path.appending("initrd")
        try plan.writeInitrd(to: initrd, configuration: configuration)

        let machine = MachineSpec(
            name: directory.name, architecture: architecture, accelerator: host.accelerator.accelerator,
            processors: Processors(count: request.processors, model: request.cpuModel),
            memory: Memory(size: request.memory, shared: true),
            boot: KernelBoot(kernel: plan.kernelFile.string, initrd: initrd.string, commandLine: plan.commandLine),
            shares: [FileSystemShare(tag: BootPlanner.rootTag, socket: directory.rootSocket.string)],
            // Port 0: QEMU takes a free one, and nobody can take it in between.
            network: UserNetwork(forwards: [PortForward(hostPort: 0, guestPort: 22)]),
            console: Console(log: directory.consoleLog.string))
        let supervision = SupervisionPlan(
            qemu: host.qemu, machine: machine, virtiofsd: host.virtiofsd, tree: FilePath(image.tree))
        try Files.writeAtomically(try JSONText.encode(supervision), to: directory.plan)
        let record = record(directory, image, request, plan, machine, root)
        try directory.write(record)
        return record
    }

    private func guestConfiguration(
        _ directory: MachineDirectory, _ plan: BootPlan, _ root: RootMode, _ options: BootOptions
    ) throws -> GuestConfiguration {
        var configuration = GuestConfiguration(
            rootMode: root, rootTag: BootPlanner.rootTag, initProgram: plan.facts.initProgram,
            hostname: directory.name, machineID: Self.randomMachineID())
        let key = try SSHKeyPair.make(at: directory.sshKey, comment: "bcvk \(directory.name)")
        configuration.authorizedKeys = [key]
        if plan.facts.hasSSHServer {
            // Made here: the guest would need seconds for it, and an image's own key is every machine's.
            let hostKey = directory.path.appending("ssh_host_key")
            configuration.hostKeyPublic = try SSHKeyPair.make(at: hostKey, comment: directory.name) + "\n"
            configuration.hostKey = String(decoding: try Files.readWhole(hostKey), as: UTF8.self)
            if !plan.facts.sshIsEnabled { configuration.sshUnit = plan.facts.sshUnit }
        }
        configuration.usesResolved = plan.facts.resolvedIsEnabled
        let keepsKernelNames = options.extraArguments.contains("net.ifnames=0")
        configuration.network = GuestNetwork(
            interfaceName: plan.facts.hasPredictableNames && !keepsKernelNames ? UserNetwork.interfaceName : nil,
            address: UserNetwork.guestAddress, prefixLength: UserNetwork.prefixLength, gateway: UserNetwork.gateway,
            resolver: UserNetwork.resolver)
        return configuration
    }

    /// 32 hexadecimal digits in the form of a random UUID, as systemd makes them (machine-id(5)).
    private static func randomMachineID() -> String {
        UUID().uuidString.lowercased().filter { $0 != "-" }
    }

    private func record(
        _ directory: MachineDirectory, _ image: StoredImage, _ request: MachineRequest, _ plan: BootPlan,
        _ machine: MachineSpec, _ root: RootMode
    ) -> MachineRecord {
        MachineRecord(
            name: directory.name, image: image.reference, digest: image.digest.description, tree: image.tree,
            state: .starting, reason: nil, createdAt: Date().formatted(.iso8601),
            root: root == .bootc ? "bootc" : "writable", kernelVersion: plan.kernel.release,
            kernelArguments: plan.commandLine, accelerator: machine.accelerator,
            memoryMebibytes: request.memory.mebibytes, processors: request.processors, sshPort: 0,
            sshKey: directory.sshKey.string, sshUser: "root", supervisorProcess: nil, qemuProcess: nil,
            virtiofsdProcesses: [], qmpSocket: directory.qmpSocket.string,
            agentSocket: directory.agentSocket.string, consoleLog: directory.consoleLog.string,
            qemuLog: directory.qemuLog.string, virtiofsdLog: directory.virtiofsdLog.string,
            directory: directory.path.string, removeAtExit: request.removeAtExit, qemuArguments: [])
    }
}
