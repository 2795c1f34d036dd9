internal import FoundationEssentials
internal import LinuxSystem
public import Machine
internal import SystemPackage

/// A UEFI firmware of this host, found by the descriptors that QEMU and libvirt use (QEMU, docs/interop/firmware.json).
public struct UEFIFirmware: Sendable, Hashable {
    /// The code.
    public let code: FlashImage
    /// What a new machine's variables are.
    public let variables: FlashImage

    private static let directories = [
        "/etc/qemu/firmware", "/usr/local/share/qemu/firmware", "/usr/share/qemu/firmware",
    ]

    /// The first firmware for a board that needs neither System Management Mode nor somebody's keys.
    public static func find(_ architecture: Architecture) throws -> UEFIFirmware {
        var names: [String: FilePath] = [:]
        // A file of an earlier directory takes the place of one of the same name.
        for directory in directories.reversed() where Files.exists(FilePath(directory)) {
            for entry in try RootDirectory(FilePath(directory)).entries("/") where entry.name.hasSuffix(".json") {
                names[entry.name] = FilePath(directory).appending(entry.name)
            }
        }
        for (_, path) in names.sorted(by: { $0.key < $1.key }) {
            let text = try Files.readWhole(path, limit: 1 << 20)
            // An empty file hides one of a later directory.
            guard let found = parse(text, architecture), Files.exists(FilePath(found.code.file)),
                Files.exists(FilePath(found.variables.file))
            else { continue }
            return found
        }
        throw MachineError.programMissing(
            "a UEFI firmware for QEMU", lookedAt: directories,
            hint: architecture == .x86_64
                ? "install ovmf (Debian, Ubuntu) or edk2-ovmf (Fedora)"
                : "install qemu-efi-aarch64 (Debian, Ubuntu) or edk2-aarch64 (Fedora)")
    }

    package static func parse(_ text: [UInt8], _ architecture: Architecture) -> UEFIFirmware? {
        guard let value = try? JSONDecoder().decode(Descriptor.self, from: Data(text)),
            value.interfaceTypes.contains("uefi"), value.mapping.device == "flash",
            let code = value.mapping.executable, let variables = value.mapping.variables,
            let codeFormat = Drive.Format(rawValue: code.format),
            let variablesFormat = Drive.Format(rawValue: variables.format)
        else { return nil }
        let board = architecture == .x86_64 ? "pc-q35-" : "virt-"
        let fits = value.targets.contains { target in
            target.architecture == architecture.rawValue && target.machines.contains { $0.hasPrefix(board) }
        }
        let unwanted = ["requires-smm", "enrolled-keys"]
        guard fits, !unwanted.contains(where: value.features.contains) else { return nil }
        return UEFIFirmware(
            code: FlashImage(file: code.filename, format: codeFormat),
            variables: FlashImage(file: variables.filename, format: variablesFormat))
    }

    private struct Descriptor: Decodable {
        struct Flash: Decodable {
            let filename: String
            let format: String
        }

        struct Mapping: Decodable {
            let device: String
            let executable: Flash?
            let variables: Flash?

            enum CodingKeys: String, CodingKey {
                case device, executable
                case variables = "nvram-template"
            }
        }

        struct Target: Decodable {
            let architecture: String
            let machines: [String]
        }

        let interfaceTypes: [String]
        let mapping: Mapping
        let targets: [Target]
        let features: [String]

        enum CodingKeys: String, CodingKey {
            case mapping, targets, features
            case interfaceTypes = "interface-types"
        }
    }
}
