internal import FoundationEssentials
internal import Glibc
internal import LinuxSystem
public import Machine
public import SystemPackage

/// What a user wants of a machine that boots from a disk.
public struct DiskMachineRequest: Sendable {
    /// Which firmware boots it.
    public enum FirmwareChoice: String, Sendable, Hashable, CaseIterable {
        case uefi, bios
    }

    /// Its name; nil for one that is made up.
    public var name: MachineName?
    /// The disk's file.
    public var disk: FilePath
    /// The form of the file.
    public var format: Drive.Format
    /// Which firmware.
    public var firmware: FirmwareChoice
    /// Whether what it writes is dropped at its end.
    public var forgetsWrites = false
    /// Its memory.
    public var memory = ByteSize(mebibytes: 4096)
    /// How many CPUs.
    public var processors = 2
    /// QEMU's CPU model; nil for the accelerator's default.
    public var cpuModel: String?
    /// What executes it.
    public var accelerator = AcceleratorRequest.auto
    /// Ports of the host that lead into it, beside that of its ssh server.
    public var forwards: [PortForward] = []
    /// The private key that logs in; nil for the user's own.
    public var sshKey: FilePath?
    /// The user to log in as.
    public var sshUser = "root"
    /// What is told of the disk's origin: image, digest and kernel.
    public var origin: (image: String, digest: String, kernel: String)?
    /// Whether the machine's directory goes when it ends well.
    public var removeAtExit = false

    /// A machine with a disk.
    public init(disk: FilePath, format: Drive.Format, firmware: FirmwareChoice) {
        self.disk = disk
        self.format = format
        self.firmware = firmware
    }
}

/// Starts machines that boot from disks.
public struct DiskMachineLauncher {
    private let registry: MachineRegistry
    private let qemu: FilePath
    private let uefi: UEFIFirmware?
    private let request: DiskMachineRequest
    /// The accelerator that was chosen, and why.
    public let accelerator: AcceleratorChoice
    private let translatesInTurn: Bool

    /// Looks for everything that the machine needs on this host.
    /// - Parameter cache: the directory of what is kept to save time.
    public init(registry: MachineRegistry, cache: FilePath, _ request: DiskMachineRequest) throws {
        guard request.memory >= Memory.minimum, request.memory <= Memory.maximum else {
            throw MachineError.memoryOutOfRange(
                asked: request.memory.description, smallest: Memory.minimum.description,
                largest: Memory.maximum.description)
        }
        self.registry = registry
        self.request = request
        qemu = try QEMUProgram.find()
        uefi = request.firmware == .uefi ? try UEFIFirmware.find(.host) : nil
        accelerator = try AcceleratorChoice.make(request.accelerator)
        translatesInTurn = try QEMUProgram.mustTranslateInTurn(
            qemu, accelerator.accelerator, processors: request.processors, ProgramAnswers(cache: cache))
    }

    /// Prepares the machine and starts its supervisor.
    /// - Parameter attached: whether it ends with this process.
    public func launch(attached: Bool) throws -> (record: MachineRecord, link: SupervisorLink) {
        // Held by the supervisor: nobody else boots the disk or replaces it meanwhile.
        let use =
            request.forgetsWrites
            ? try FileLock.shared(request.disk, wait: false) : try FileLock.exclusive(request.disk, wait: false)
        guard let use else { throw MachineError.diskInUse(request.disk.string) }
        let (directory, lock) = try claim()
        do {
            let record = try prepare(directory)
            let link = try SupervisorLink.start(
                directory, lock: lock, lease: use, attached: attached,
                program: try ProgramSearch.ownExecutable())
            return (record, link)
        } catch {
            try directory.remove()
            throw error
        }
    }

    private func claim() throws -> (MachineDirectory, FileLock) {
        if let name = request.name { return try registry.claim(name) }
        while true {
            do {
                return try registry.claim(.random())
            } catch MachineError.nameTaken {
                continue
            }
        }
    }

    private func prepare(_ directory: MachineDirectory) throws -> MachineRecord {
        var machine = MachineSpec(
            name: directory.name, accelerator: accelerator.accelerator,
            processors: Processors(count: request.processors, model: request.cpuModel),
            memory: Memory(size: request.memory, shared: false), boot: nil, shares: [],
            network: UserNetwork(forwards: [PortForward(hostPort: 0, guestPort: 22)] + request.forwards),
            console: Console(log: directory.consoleLog.string),
            drives: [
                Drive(
                    serial: "root", file: request.disk.string, format: request.format,
                    forgetsWrites: request.forgetsWrites, bootIndex: 1)
            ], firmware: try firmware(directory))
        machine.translatesInTurn = translatesInTurn
        try Files.writeAtomically(
            try JSONText.encode(SupervisionPlan(qemu: qemu, machine: machine)), to: directory.plan)
        let record = MachineRecord(
            name: directory.name, image: request.origin?.image ?? request.disk.string,
            digest: request.origin?.digest ?? "", tree: "", state: .starting, reason: nil,
            createdAt: Date().formatted(.iso8601), root: "disk", kernelVersion: request.origin?.kernel ?? "",
            kernelArguments: [], accelerator: machine.accelerator, memoryMebibytes: request.memory.mebibytes,
            processors: request.processors, labels: [:], hostname: "", network: "user",
            ports: request.forwards.map { PublishedPort($0) }, shares: [], disks: [], sshPort: 0,
            sshKey: request.sshKey?.string ?? "",
            sshUser: request.sshUser, supervisorProcess: nil, qemuProcess: nil, virtiofsdProcesses: [],
            qmpSocket: directory.qmpSocket.string, agentSocket: directory.agentSocket.string,
            consoleLog: directory.consoleLog.string,
            qemuLog: directory.qemuLog.string, virtiofsdLog: directory.virtiofsdLog.string,
            directory: directory.path.string, removeAtExit: request.removeAtExit, qemuArguments: [])
        try directory.write(record)
        return record
    }

    private func firmware(_ directory: MachineDirectory) throws -> Firmware {
        guard let uefi else { return .bios }
        let copy = directory.path.appending("efi-variables")
        try Files.writeAtomically(try Files.readWhole(FilePath(uefi.variables.file)), to: copy)
        return .uefi(
            code: uefi.code, variables: FlashImage(file: copy.string, format: uefi.variables.format))
    }
}
