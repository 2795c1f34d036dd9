/// A file that the guest finds in QEMU's firmware configuration device (Linux: /sys/firmware/qemu_fw_cfg/by_name).
public struct FirmwareConfiguration: Sendable, Hashable, Codable {
    /// Its name there; at most 55 bytes, and below `opt/` for whatever is not QEMU's own (docs/specs/fw_cfg).
    public var name: String
    /// The host's file, read once when QEMU starts.
    public var file: String

    /// A file under a name.
    public init(name: String, file: String) {
        self.name = name
        self.file = file
    }

    /// Where Ignition looks for its configuration on the platform `qemu`.
    public static func ignition(_ file: String) -> FirmwareConfiguration {
        FirmwareConfiguration(name: "opt/com.coreos/config", file: file)
    }

    var arguments: [String] { ["-fw_cfg", QEMUOption("name", name).with("file", file).text] }
}
