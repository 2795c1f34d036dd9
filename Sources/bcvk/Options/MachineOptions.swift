public import ArgumentParser
public import BootPlan
public import GuestProtocol
import LinuxSystem
import Machine
import SystemPackage
public import VirtualMachine

/// How a machine is made; the same for every command that starts one.
struct MachineOptions: ParsableArguments {
    @Option(help: "The machine's name; by default one is made up.")
    var name: MachineName?

    @Option(help: "The machine's memory: 512M, 4G, 1.5GiB; a bare number counts MiB.")
    var memory = MemorySize(ByteSize(mebibytes: 4096))

    @Option(help: ArgumentHelp("How many CPUs; by default those of the host.", valueName: "number"))
    var vcpus: Int = Threads.processors

    @Option(help: "What executes the guest: kvm, tcg, or auto for KVM where it works.")
    var accel = AcceleratorRequest.auto

    @Option(help: "QEMU's CPU model with its flags; by default host under KVM, max under TCG.")
    var cpu: String?

    @Option(name: .customLong("karg"), help: "A word for the kernel's command line; may be repeated.")
    var kernelArguments: [String] = []

    @Option(
        help: "bootc: / read-only, /etc and /var writable; writable: everything. By default as the image is labelled.")
    var root: RootMode?

    @Option(help: "own: bcvk's own small one; image: the image's, which must run systemd.")
    var initramfs = BootOptions.InitramfsChoice.own

    @Option(help: "Which of the image's kernels; by default the newest.")
    var kernelVersion: String?

    @Option(help: ArgumentHelp("A kernel of this host instead of the image's.", valueName: "file"))
    var kernel: String?

    @Option(
        help: ArgumentHelp(
            "An initramfs of this host instead of the image's; implies --initramfs image.", valueName: "file"))
    var initrd: String?

    func validate() throws {
        guard (1...512).contains(vcpus) else { throw ValidationError("--vcpus takes 1 to 512") }
        for path in [kernel, initrd].compactMap({ $0 }) where !Files.exists(FilePath(path)) {
            throw ValidationError("\(path): no such file")
        }
    }

    /// The request that these options make.
    func request(isVerbose: Bool, removeAtExit: Bool) -> MachineRequest {
        var request = MachineRequest()
        request.name = name
        request.memory = memory.size
        request.processors = vcpus
        request.cpuModel = cpu
        request.accelerator = accel
        request.root = root
        request.boot.kernelVersion = kernelVersion
        request.boot.kernel = kernel.map { FilePath($0) }
        request.boot.initrd = initrd.map { FilePath($0) }
        request.boot.initramfs = initramfs
        request.boot.extraArguments = kernelArguments
        request.boot.isVerbose = isVerbose
        request.removeAtExit = removeAtExit
        return request
    }
}

/// A memory size on the command line.
struct MemorySize: ExpressibleByArgument {
    let size: ByteSize
    var defaultValueDescription: String { "4G" }

    init(_ size: ByteSize) {
        self.size = size
    }

    init?(argument: String) {
        guard let size = ByteSize(argument, bareUnit: 1 << 20) else { return nil }
        self.size = size
    }
}

extension MachineName: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

extension AcceleratorRequest: ExpressibleByArgument {}

extension BootOptions.InitramfsChoice: ExpressibleByArgument {}

extension RootMode: ExpressibleByArgument {
    public init?(argument: String) {
        switch argument {
        case "bootc": self = .bootc
        case "writable": self = .writable
        default: return nil
        }
    }

    public static var allValueStrings: [String] { ["bootc", "writable"] }
}
