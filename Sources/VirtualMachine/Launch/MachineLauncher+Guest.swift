internal import BootPlan
internal import FoundationEssentials
internal import GuestProtocol
internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// What the guest program is told.
extension MachineLauncher {
    /// Everything but the keys to it.
    func guestConfiguration(
        _ directory: MachineDirectory, _ tree: RootDirectory, _ plan: BootPlan, _ root: RootMode,
        _ request: MachineRequest, service: GuestService?
    ) throws -> GuestConfiguration {
        var configuration = GuestConfiguration(
            rootMode: root, rootTag: BootPlanner.rootTag, initProgram: plan.facts.initProgram,
            hostname: request.guest.hostname?.text ?? directory.name, machineID: Self.randomMachineID())
        if request.guest.user != .root { configuration.sshUser = request.guest.user.text }
        if plan.facts.hasSSHServer, !plan.facts.sshIsEnabled { configuration.sshUnit = plan.facts.sshUnit }
        if let tuning = plan.tuning, service == nil {
            configuration.overlaysUsr = true
            configuration.maskedUnits = tuning.maskedUnits
            // Units of the user's may be about them.
            configuration.kernelMounts = host.resources.units.isEmpty ? tuning.kernelMounts : []
            let isKept =
                !host.resources.scratchDisks.isEmpty
                || host.resources.shares.contains { "\($0.guest.path)/".hasPrefix("/var/") }
            configuration.files = isKept ? tuning.filesWithoutLateUnits : tuning.files
            if request.network.mode == .none {
                configuration.files += try IdleUnits.unitsWaitingForNetwork(in: tree).map(IdleUnits.condition)
            }
        }
        configuration.streamsJournal = request.logs.journal != nil
        if request.hasConsoleSocket { configuration.consoleLogin = Architecture.host.console }
        configuration.service = service
        configuration.usesResolved = plan.facts.resolvedIsEnabled
        configuration.network = try network(request, plan.facts)
        configuration.environment = request.guest.environment.map(\.assignment)
        configuration.shares = host.resources.shares.map(\.guest)
        configuration.files += host.resources.units
        if let file = try SSHEnvironment.file(request.guest.environment, in: tree) { configuration.files.append(file) }
        if let userData = host.resources.cloudInit {
            configuration.files += CloudInitSeed.files(
                userData: userData, instance: configuration.machineID, hostname: configuration.hostname)
        }
        for disk in host.resources.scratchDisks {
            switch disk.content {
            case .swap: configuration.swapDisk = disk.serial
            case .ext4: configuration.scratchDisk = disk.serial
            }
        }
        return configuration
    }

    /// The key that leads in, and that by which its server is known.
    func addAccess(
        to configuration: inout GuestConfiguration, _ directory: MachineDirectory, _ facts: SystemFacts
    ) throws {
        let key = try SSHKeyPair.make(at: directory.sshKey, comment: "bcvk \(directory.name)")
        configuration.authorizedKeys = [key]
        guard facts.hasSSHServer else { return }
        // Made here: the guest would need seconds for it, and an image's own key is every machine's.
        let hostKey = directory.path.appending("ssh_host_key")
        configuration.hostKeyPublic = try SSHKeyPair.make(at: hostKey, comment: directory.name) + "\n"
        configuration.hostKey = String(decoding: try Files.readWhole(hostKey), as: UTF8.self)
    }

    private func network(_ request: MachineRequest, _ facts: SystemFacts) throws -> GuestNetwork? {
        guard request.network.mode != .none else { return nil }
        let keepsKernelNames = request.boot.extraArguments.contains("net.ifnames=0")
        return GuestNetwork(
            interfaceName: facts.hasPredictableNames && !keepsKernelNames ? UserNetwork.interfaceName : nil,
            address: UserNetwork.guestAddress, prefixLength: UserNetwork.prefixLength, gateway: UserNetwork.gateway,
            // In isolation nobody answers; without a server, lookups fail at once instead of after a while.
            resolvers: request.network.mode == .isolated ? [] : try HostResolvers.current())
    }

    /// 32 hexadecimal digits in the form of a random UUID, as systemd makes them (machine-id(5)).
    private static func randomMachineID() -> String {
        UUID().uuidString.lowercased().filter { $0 != "-" }
    }
}
