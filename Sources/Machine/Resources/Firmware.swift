/// A boot by firmware: it looks for a loader on the machine's disks.
public enum Firmware: Sendable, Hashable, Codable {
    /// The board's own BIOS.
    case bios
    /// UEFI in two flash devices: the code, which nobody writes, and a copy of the variables of this machine's own.
    case uefi(code: FlashImage, variables: FlashImage)

    var arguments: [String] {
        switch self {
        case .bios: []
        case .uefi(let code, let variables):
            code.arguments(unit: 0, isReadOnly: true) + variables.arguments(unit: 1, isReadOnly: false)
        }
    }
}

/// The content of a flash device.
public struct FlashImage: Sendable, Hashable, Codable {
    /// The host's file.
    public var file: String
    /// What the file holds.
    public var format: Drive.Format

    /// A flash device in a file.
    public init(file: String, format: Drive.Format) {
        self.file = file
        self.format = format
    }

    func arguments(unit: Int, isReadOnly: Bool) -> [String] {
        let option = QEMUOption("if", "pflash").with("unit", unit).with("format", format.rawValue)
            .with("readonly", isReadOnly ? "on" : "off").with("file", file)
        return ["-drive", option.text]
    }
}
