public import ArgumentParser
import DiskImage
import Glibc
import LinuxSystem
import Machine
import SystemPackage
public import VirtualMachine

struct DiskRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Boot a disk by its firmware.",
        discussion: """
            What the machine changes stays on the disk. In the foreground its console is shown until it powers off or \
            Ctrl-C ends it; with --detach it stays until it is stopped, and its name is printed. bcvk disk ssh NAME logs in.
            """)

    @Option(help: "The machine's name; by default one is made up.")
    var name: MachineName?

    @Option(help: "The machine's memory: 512M, 4G, 1.5GiB; a bare number counts MiB. By default 4G.")
    var memory: MemorySize?

    @Option(help: ArgumentHelp("How many CPUs; by default those of the host.", valueName: "number"))
    var vcpus: Int = Threads.processors

    @Option(help: "What executes the guest: kvm, tcg, or auto for KVM where it works.")
    var accel = AcceleratorRequest.auto

    @Option(help: "QEMU's CPU model with its flags; by default host under KVM, max under TCG.")
    var cpu: String?

    @Option(help: "uefi or bios; by default UEFI where the disk has an EFI system partition.")
    var firmware: DiskMachineRequest.FirmwareChoice?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            """
            A port of this host that leads into the guest; may be repeated. HOST 0 takes a free one, which ps shows; \
            without IP only this host reaches it.
            """, valueName: "[ip:]host:guest[/udp]"),
        transform: { try PortForward(published: $0) })
    var publish: [PortForward] = []

    @Option(
        name: [.customShort("i"), .customLong("identity")],
        help: ArgumentHelp("The private key that logs in; by default DISK.key where there is one.", valueName: "file"))
    var identity: String?

    @Option(help: "The user that ssh logs in as.")
    var user = "root"

    @Flag(help: "Drop at the end what the machine has written.")
    var snapshot = false

    @Flag(name: .shortAndLong, help: "Leave the machine running in the background and print its name.")
    var detach = false

    @Flag(
        name: .customLong("rm"),
        help: "Remove the machine's logs when it ends; without --detach they always are, unless it failed.")
    var remove = false

    @Argument(help: "The disk's file.", completion: .file())
    var disk: String

    func validate() throws {
        guard (1...512).contains(vcpus) else { throw ValidationError("--vcpus takes 1 to 512") }
    }

    func run() throws {
        let places = Places.standard()
        let launcher = try DiskMachineLauncher(
            registry: MachineRegistry(directory: places.state), cache: places.cache, try request())
        if let reason = launcher.accelerator.reason {
            Message.say("bcvk: running without KVM (\(reason)): instructions are translated, which is slow")
        }
        let machine = try MachineStart(attached: !detach) { try launcher.launch(attached: $0) }
        if detach { return try StandardOutput.line(machine.record.name) }
        Message.say(
            "bcvk: \(machine.record.name) is booting; bcvk disk ssh \(machine.record.name) logs in, Ctrl-C ends it")
        throw ExitCode(try ForegroundView(machine: machine).showConsole())
    }

    private func request() throws -> DiskMachineRequest {
        guard let resolved = realpath(disk, nil) else { throw SystemError("open", disk) }
        defer { free(resolved) }
        let path = FilePath(String(cString: resolved))
        let reader = try DiskReader(path)
        let table = try reader.partitionTable()
        let standard: DiskMachineRequest.FirmwareChoice = table.first(.efiSystem) == nil ? .bios : .uefi
        var request = DiskMachineRequest(disk: path, format: reader.format, firmware: firmware ?? standard)
        request.name = name
        request.forgetsWrites = snapshot
        if let memory { request.memory = memory.size }
        request.processors = vcpus
        request.cpuModel = cpu
        request.accelerator = accel
        request.forwards = publish
        request.sshUser = user
        request.removeAtExit = remove || !detach
        if let identity {
            guard let key = realpath(identity, nil) else { throw SystemError("open", identity) }
            defer { free(key) }
            request.sshKey = FilePath(String(cString: key))
        } else if Files.exists(DiskKey.file(of: path)) {
            request.sshKey = DiskKey.file(of: path)
        }
        if let made = reader.description { request.origin = (made.image, made.digest, made.kernel) }
        return request
    }
}

extension DiskMachineRequest.FirmwareChoice: ExpressibleByArgument {}
