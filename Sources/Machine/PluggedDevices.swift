/// Directories and disks that come to a machine after its state was loaded: the devices are plugged into slots that the machine was
/// saved with. On the host's side directories are there from the start; disks are opened only then, since QEMU would open them once for
/// a machine that is not its own yet, and lock them against itself.
public struct PluggedDevices: Sendable, Hashable, Codable {
    /// Directories.
    public var shares: [FileSystemShare] = []
    /// Disks.
    public var drives: [Drive] = []

    /// How many slots a machine has for them.
    public static let slots = 6

    /// None.
    public init() {}

    /// How many there are.
    public var count: Int { shares.count + drives.count }

    /// The devices, each in a slot of its own, as QEMU's monitor is told to plug them (`device_add`).
    public var devices: [[DeviceProperty]] {
        let all =
            shares.indices.map { shares[$0].device(index: Self.firstShare + $0) }
            + drives.indices.map { drives[$0].device(index: $0) }
        return all.enumerated().map { slot, properties in
            properties + [DeviceProperty("bus", "slot\(slot)"), DeviceProperty("id", "plugged\(slot)")]
        }
    }

    /// What is on the host's side of the disks, as QEMU's monitor is told to open them (`drive_add`).
    public var backends: [String] { drives.indices.map { drives[$0].backend(index: $0) } }

    /// What is on the host's side of the directories.
    var arguments: [String] {
        shares.indices.flatMap { shares[$0].backendArguments(index: Self.firstShare + $0) }
    }

    /// Empty slots.
    static var slotArguments: [String] {
        (0..<slots).flatMap { number in
            let slot = QEMUOption("pcie-root-port").with("id", "slot\(number)").with("chassis", number + 1)
                // Behind all that QEMU places by itself.
                .with("addr", "0x\(String(0x10 + number, radix: 16))")
            return ["-device", slot.text]
        }
    }

    /// The root's share is the machine's own.
    private static let firstShare = 1
}
