internal import Glibc
internal import LinuxSystem
internal import Machine
internal import QMP
internal import SystemPackage

/// How a machine comes to run: by a boot, or from a saved state.
extension Supervisor {
    typealias Parts = (servers: ShareServers, qemu: RunningProgram, monitor: QMPClient, relay: AgentRelay)

    /// Starts the machine, from a saved state where there is one that can be used.
    func start() throws -> Parts {
        guard case .load(let source)? = plan.state else {
            if case .save? = plan.state { memory = try GuestMemory(plan.machine.memory.size) }
            let parts = try startParts(awaitsState: false)
            if case .save? = plan.state { try watching(parts.servers, parts.qemu) { try transfer(parts).prepare() } }
            return parts
        }
        do {
            filling = try beginFilling(source.files)
        } catch {
            memory = nil
            try giveUp(source, error)
            return try startParts(awaitsState: false)
        }
        defer { filling = nil }
        let parts = try startParts(awaitsState: true)
        do {
            try watching(parts.servers, parts.qemu) {
                try filling?.finish()
                forwards = try transfer(parts).load(
                    from: stateFile, savedBy: source.qemuVersion, opening: pluggedBackends,
                    plugging: plan.machine.plugged.devices,
                    configuration: source.configuration)
            }
            record.template = FilePath(source.template).lastComponent?.string
            return parts
        } catch {
            parts.qemu.ensureEnd()
            parts.servers.end()
            // That says nothing of the template, and a boot would need as much.
            if wasKilledForMemory { throw error }
            try giveUp(source, error)
            try removeSockets()
            try Files.removeTree(directory.qemuLog)
            return try startParts(awaitsState: false)
        }
    }

    private func beginFilling(_ files: StateFiles) throws -> MemoryFilling {
        guard Files.exists(FilePath(files.devices)) else {
            throw TemplateError.unusable("it lacks the state of its devices")
        }
        let memory: GuestMemory
        do {
            memory = try GuestMemory(plan.machine.memory.size)
        } catch {
            throw TemplateError.refused("there is no memory for a copy of it: \(error)")
        }
        self.memory = memory
        return try MemoryFilling(
            memory, from: files.memory, limit: memoryKills.group?.limit, log: STDERR_FILENO)
    }

    /// Says that the machine boots, and why, and removes a template that is of no use to anybody.
    private func giveUp(_ source: StateSource, _ error: any Error) throws {
        if case .refused(let reason)? = error as? TemplateError {
            report(.note("the template does not serve this machine: \(reason); booting"))
        } else {
            // One that cannot be used now will not be later: the next machine makes another.
            let said = ConsoleTail.lines(of: directory.qemuLog, count: 1).first.map { " (\($0))" } ?? ""
            report(.note("the template cannot be used and is removed: \(error)\(said); booting"))
            try Files.removeTree(FilePath(source.template))
        }
    }

    func transfer(_ parts: Parts) -> StateTransfer {
        StateTransfer(qemu: parts.qemu, monitor: parts.monitor, relay: parts.relay)
    }

    private func startParts(awaitsState: Bool) throws -> Parts {
        let servers = try ShareServers(plan, log: directory.virtiofsdLog)
        do {
            let (qemu, monitor, relay) = try startQEMU(awaitsState: awaitsState)
            record.virtiofsdProcesses = servers.processes
            record.qemuProcess = qemu.process
            return (servers, qemu, monitor, relay)
        } catch {
            servers.end()
            throw error
        }
    }

    private func startQEMU(awaitsState: Bool) throws -> (RunningProgram, QMPClient, AgentRelay) {
        let (ours, theirs) = try DescriptorPair.sockets()
        let monitor = QMPClient(OwnedDescriptor(owning: ours))
        let connected = OwnedDescriptor(owning: theirs)
        let listening = try UnixSocket.listen(directory.qmpSocket, backlog: 4)
        let (agent, agentOfQEMU) = try DescriptorPair.sockets()
        let port = OwnedDescriptor(owning: agent)
        let portOfQEMU = OwnedDescriptor(owning: agentOfQEMU)
        let relay = try AgentRelay(port: port, listener: try UnixSocket.listen(directory.agentSocket))
        let log = try OwnedDescriptor(opening: directory.qemuLog, .writeOnly, options: [.create, .append])
        let null = try OwnedDescriptor(opening: "/dev/null", .readWrite)
        var files = HandedFiles([null.raw, log.raw, log.raw, connected.raw, listening.raw, portOfQEMU.raw])
        var machine = awaitsState ? plan.machine : plan.machine.unplugged()
        machine.controls = [
            ControlSocket(descriptor: 3, kind: .connected), ControlSocket(descriptor: 4, kind: .listening),
        ]
        try handOver(&machine, &files)
        pluggedBackends = machine.plugged.backends
        machine.ports.insert(Self.agentPort, at: 0)
        machine.awaitsState = awaitsState
        if plan.hasConsoleSocket {
            machine.console.listener = files.pass(try UnixSocket.listen(directory.consoleSocket, backlog: 1))
        }
        switch plan.state {
        case .save(let state)?: stateFile = try files.make(state.devices)
        case .load(let source)? where awaitsState: stateFile = try files.show(source.files.devices)
        default: stateFile = ""
        }
        if let memory { machine.memory.descriptor = files.pass(try memory.file.duplicate()) }
        machine.inheritedFiles = files.inherited
        record.qemuArguments = [plan.qemu] + machine.arguments
        var program = ChildProgram(FilePath(plan.qemu), machine.arguments)
        program.fence = QEMUFence.around(FilePath(plan.qemu), machine, base: directory.path)
        program.parentDeathSignal = SIGKILL
        program.newProcessGroup = true
        // A machine of two processors has some eighty.
        program.descriptorRoom = ChildProgram.DescriptorRoom(512)
        let running = try program.start(descriptors: files.descriptors)
        // They must not be closed before QEMU has its own.
        withExtendedLifetime(files) {}
        // Here it would outlive a QEMU that is killed for its size; to be saved it is needed once more.
        if awaitsState { memory = nil }
        // The start would have failed where the kernel has Landlock and did not take it.
        record.landlock = ProgramFence.landlockVersion
        return (running, monitor, relay)
    }

    static let agentPort = GuestPort(name: GuestPort.agent, backend: .descriptor(5))
}
