/// Everything that QEMU is told about a machine. Turning it into arguments is pure: no file is looked at.
public struct MachineSpec: Sendable, Hashable, Codable {
    /// The machine's name, for process lists.
    public var name: String
    /// What it is a machine of.
    public var architecture: Architecture
    /// What executes its instructions.
    public var accelerator: Accelerator
    /// Its CPUs.
    public var processors: Processors
    /// Its memory.
    public var memory: Memory
    /// The kernel that is put into its memory; nil where the firmware finds one.
    public var boot: KernelBoot?
    /// The firmware, for a machine that boots from its disks.
    public var firmware: Firmware
    /// Directories of the host that it sees; the first is its root.
    public var shares: [FileSystemShare]
    /// Its disks.
    public var drives: [Drive]
    /// Its network; nil for none.
    public var network: UserNetwork?
    /// Where its console goes.
    public var console: Console
    /// How it is controlled.
    public var controls: [ControlSocket]
    /// Streams to programs of the guest.
    public var ports: [GuestPort] = []
    /// Files in its firmware configuration.
    public var firmwareConfiguration: [FirmwareConfiguration] = []
    /// Whether it has slots for devices that come later.
    public var hasSlots = false
    /// What comes to it when its state is loaded.
    public var plugged = PluggedDevices()
    /// Files that QEMU inherits open, for names that begin with `/dev/fdset/`.
    public var inheritedFiles: [InheritedFile] = []
    /// Whether one thread translates for all processors, in turn.
    public var translatesInTurn = false
    /// Whether it does not start by itself, but is given a saved state by its monitor (`migrate-incoming`).
    public var awaitsState = false

    /// A machine of these parts.
    public init(
        name: String, architecture: Architecture = .host, accelerator: Accelerator, processors: Processors,
        memory: Memory, boot: KernelBoot?, shares: [FileSystemShare], network: UserNetwork?, console: Console,
        drives: [Drive] = [], controls: [ControlSocket] = [], firmware: Firmware = .bios
    ) {
        self.name = name
        self.architecture = architecture
        self.accelerator = accelerator
        self.processors = processors
        self.memory = memory
        self.boot = boot
        self.firmware = firmware
        self.shares = shares
        self.drives = drives
        self.network = network
        self.console = console
        self.controls = controls
    }

    /// QEMU's arguments, without the program's name.
    public var arguments: [String] {
        let board = architecture.board + ["memory-backend=\(Memory.backend)"]
        let accelerator = accelerator.rawValue + (translatesInTurn ? ",thread=single" : "")
        var words = ["-name", QEMUOption("guest", name).text, "-machine", board.joined(separator: ",")]
        words += ["-accel", accelerator]
        words += processors.arguments(self.accelerator, architecture)
        words += memory.arguments
        words += Self.fences
        words += inheritedFiles.flatMap(\.arguments)
        words += controls.enumerated().flatMap { $1.arguments(index: $0) }
        words += console.arguments
        words += boot?.arguments ?? firmware.arguments
        words += network?.arguments ?? ["-nic", "none"]
        // Not before the network, whose slot is fixed: QEMU gives the others the first that is free.
        if !ports.isEmpty { words += GuestPort.controller + ports.flatMap(\.arguments) }
        words += shares.enumerated().flatMap { $1.arguments(index: $0) }
        words += drives.enumerated().flatMap { $1.arguments(index: $0) }
        words += firmwareConfiguration.flatMap(\.arguments)
        if hasSlots { words += PluggedDevices.slotArguments }
        words += plugged.arguments
        if awaitsState { words += ["-incoming", "defer"] }
        return words
    }

    /// The same machine for going on from a saved state: directories, but for the root, and disks are plugged in.
    public func plugging() -> MachineSpec {
        var machine = self
        machine.plugged.shares = Array(shares.dropFirst())
        machine.plugged.drives = drives
        machine.shares = Array(shares.prefix(1))
        machine.drives = []
        return machine
    }

    /// The same machine for a boot: everything is there from the start.
    public func unplugged() -> MachineSpec {
        var machine = self
        machine.shares += plugged.shares
        machine.drives += plugged.drives
        machine.plugged = PluggedDevices()
        return machine
    }

    private static let fences =
        [
            // Only what is named here is in the machine: no default devices, no file of the user's.
            "-nodefaults", "-no-user-config", "-display", "none",
            // A guest that reboots or panics ends, so that it is noticed.
            "-no-reboot",
        ] + sandbox

    /// No system calls that a machine without helpers never makes.
    package static let sandbox = [
        "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
    ]
}
