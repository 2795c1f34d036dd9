internal import BootPlan
internal import ContainerImage
internal import FoundationEssentials
internal import GuestProtocol
internal import ImageStore
internal import Machine
internal import SystemPackage

/// What is written down of a machine before it starts.
extension MachineLauncher {
    func record(
        _ directory: MachineDirectory, _ image: StoredImage, _ request: MachineRequest, _ plan: BootPlan,
        _ machine: MachineSpec, _ guest: GuestConfiguration
    ) -> MachineRecord {
        let shares = host.resources.shares.map { share in
            SharedDirectory(
                directory: share.directory.string, guestPath: share.guest.path, isReadOnly: share.guest.isReadOnly)
        }
        let disks = machine.drives.map { AttachedDisk(file: $0.file, name: $0.serial, format: $0.format) }
        return MachineRecord(
            name: directory.name, image: image.reference, digest: image.digest.description, tree: image.tree,
            state: .starting, reason: nil, createdAt: Date().formatted(.iso8601),
            root: guest.rootMode == .bootc ? "bootc" : "writable", kernelVersion: plan.kernel.release,
            kernelArguments: plan.commandLine, accelerator: machine.accelerator,
            memoryMebibytes: request.memory.mebibytes, processors: request.processors, labels: request.labels,
            hostname: guest.hostname, network: request.network.mode.rawValue,
            // The host's ports are known when QEMU runs.
            ports: [], shares: shares, disks: disks, sshPort: 0, sshKey: directory.sshKey.string,
            sshUser: request.guest.user.text, supervisorProcess: nil, qemuProcess: nil, virtiofsdProcesses: [],
            qmpSocket: directory.qmpSocket.string, agentSocket: directory.agentSocket.string,
            consoleLog: machine.console.log, journalLog: request.logs.journal,
            qemuLog: directory.qemuLog.string, virtiofsdLog: directory.virtiofsdLog.string,
            directory: directory.path.string, removeAtExit: request.removeAtExit, qemuArguments: [])
    }
}
