public import ArgumentParser
import LinuxSystem
import Machine
public import VirtualMachine

/// The machine's name and size, and what executes it.
struct ResourceOptions: ParsableArguments {
    @Option(help: "The machine's name; by default one is made up.")
    var name: MachineName?

    @Option(
        name: .customLong("label"),
        help: ArgumentHelp("A label, for filters of ps and rm-all; may be repeated.", valueName: "key=value"),
        transform: { try Label($0) })
    var labels: [Label] = []

    @Option(
        help: ArgumentHelp(
            "A size by name, u1.nano to u1.8xlarge; --memory and --vcpus win over it.", valueName: "type"),
        transform: InstanceType.init(argument:))
    var itype: InstanceType?

    @Option(help: "The machine's memory: 512M, 4G, 1.5GiB; a bare number counts MiB. By default 4G.")
    var memory: MemorySize?

    @Option(help: ArgumentHelp("How many CPUs; by default those of the host.", valueName: "number"))
    var vcpus: Int?

    @Option(help: "What executes the guest: kvm, tcg, or auto for KVM where it works.")
    var accel = AcceleratorRequest.auto

    @Option(help: "QEMU's CPU model with its flags; by default host under KVM, max under TCG.")
    var cpu: String?

    func validate() throws {
        if let vcpus, !(1...512).contains(vcpus) { throw ValidationError("--vcpus takes 1 to 512") }
    }

    func apply(to request: inout MachineRequest) {
        request.name = name
        request.labels = Dictionary(labels.map { ($0.key, $0.value ?? "") }, uniquingKeysWith: { $1 })
        request.memory = memory?.size ?? itype?.memory ?? ByteSize(mebibytes: 4096)
        request.processors = vcpus ?? itype?.processors ?? Threads.processors
        request.cpuModel = cpu
        request.accelerator = accel
    }
}

extension InstanceType {
    /// Reads the name of a size.
    init(argument: String) throws {
        guard let type = InstanceType(rawValue: argument) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw RequestError.forbidden("instance type", value: argument, rule: "known are \(known)")
        }
        self = type
    }
}

/// A memory size on the command line.
struct MemorySize: ExpressibleByArgument {
    let size: ByteSize

    init?(argument: String) {
        guard let size = ByteSize(argument, bareUnit: 1 << 20) else { return nil }
        self.size = size
    }
}

/// A disk size on the command line.
struct DiskSize: ExpressibleByArgument {
    let size: ByteSize

    init?(argument: String) {
        guard let size = ByteSize(argument, bareUnit: 1) else { return nil }
        self.size = size
    }
}

extension MachineName: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

extension AcceleratorRequest: ExpressibleByArgument {}
