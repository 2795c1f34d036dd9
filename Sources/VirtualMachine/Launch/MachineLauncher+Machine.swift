internal import BootPlan
internal import GuestProtocol
internal import ImageStore
internal import Machine
internal import SystemPackage

/// The machine as QEMU is told it.
extension MachineLauncher {
    func machine(
        _ directory: MachineDirectory, _ request: MachineRequest, _ plan: BootPlan, initrd: FilePath
    ) -> MachineSpec {
        let root = FileSystemShare(tag: BootPlanner.rootTag, socket: directory.rootSocket.string)
        let shares = host.resources.shares.map { share in
            FileSystemShare(tag: share.guest.tag, socket: directory.shareSocket(share.guest.tag).string)
        }
        var machine = MachineSpec(
            name: directory.name, architecture: .host, accelerator: host.accelerator.accelerator,
            processors: Processors(
                count: request.processors, model: request.cpuModel, isTuned: request.boot.isTuned),
            memory: Memory(size: request.memory, shared: true),
            boot: KernelBoot(kernel: plan.kernelFile.string, initrd: initrd.string, commandLine: plan.commandLine),
            shares: [root] + shares, network: network(request.network),
            console: Console(log: request.logs.console ?? directory.consoleLog.string),
            drives: host.resources.disks.map(\.drive))
        machine.translatesInTurn = host.translatesInTurn
        machine.hasSlots = request.isWarm
        if let file = host.resources.ignition { machine.firmwareConfiguration = [.ignition(file.string)] }
        if let file = request.logs.journal {
            machine.ports.append(GuestPort(name: GuestPort.journal, backend: .file(file)))
        }
        if let file = request.logs.initramfsJournal, request.boot.initramfs == .image {
            machine.ports.append(GuestPort(name: GuestPort.initramfsJournal, backend: .file(file)))
        }
        return machine
    }

    /// What virtiofsd serves, in the same order.
    func servedShares(_ directory: MachineDirectory, _ image: StoredImage) -> [ServedShare] {
        let root = ServedShare(directory: image.tree, access: .tree, socket: directory.rootSocket.string)
        let others = host.resources.shares.map { share in
            ServedShare(
                directory: share.directory.string, access: share.guest.isReadOnly ? .readOnly : .writable,
                socket: directory.shareSocket(share.guest.tag).string)
        }
        return [root] + others
    }

    private func network(_ request: NetworkRequest) -> UserNetwork? {
        guard request.mode != .none else { return nil }
        // Port 0: QEMU takes a free one, and nobody can take it in between.
        let ssh = PortForward(hostPort: 0, guestPort: 22)
        return UserNetwork(forwards: [ssh] + request.published, isIsolated: request.mode == .isolated)
    }
}
