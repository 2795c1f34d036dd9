internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// systemd-boot with entries of the Boot Loader Specification (UAPI Group).
package struct SystemdBoot {
    private let architecture: Architecture
    /// The loader itself.
    let program: [UInt8]

    /// Takes the image's loader, or else the host's; nil where neither has one.
    init?(tree: RootDirectory, architecture: Architecture) throws {
        self.architecture = architecture
        let path = Self.path(architecture)
        if let own = try tree.readFileIfPresent(path) {
            program = own
        } else if let hosts = try Files.readIfPresent(FilePath(path)) {
            program = hosts
        } else {
            return nil
        }
    }

    /// Debian's package of it, and Fedora's.
    static let package = "systemd-boot-efi (Debian, Ubuntu) or systemd-boot-unsigned (Fedora)"

    static func path(_ architecture: Architecture) -> String {
        "/usr/lib/systemd/boot/efi/systemd-boot\(architecture.efiName).efi"
    }

    /// Everything that it needs on the EFI system partition.
    func files(_ entry: BootEntry) -> [EFIFile] {
        let name = architecture.efiName
        let directory = "\(entry.system)/\(entry.release)"
        var files = [
            // Where firmwares look that know nothing of the disk, and where bootctl(1) looks.
            EFIFile(path: "EFI/BOOT/BOOT\(name.uppercased()).EFI", content: program),
            EFIFile(path: "EFI/systemd/systemd-boot\(name).efi", content: program),
            EFIFile(path: "loader/loader.conf", content: Array(Self.configuration.utf8)),
            EFIFile(path: "loader/entries.srel", content: Array("type1\n".utf8)),
            EFIFile(
                path: "loader/entries/\(entry.system)-\(entry.release).conf",
                content: Array(Self.text(entry, directory: directory).utf8)),
        ]
        switch entry.kernel {
        case .plain(let kernel, let initramfs):
            files.append(EFIFile(path: "\(directory)/linux", content: kernel.content))
            files.append(EFIFile(path: "\(directory)/initrd", content: initramfs.content))
        case .unified(let image, _, _):
            // Not in EFI/Linux, where it would be found a second time, without a root.
            files.append(EFIFile(path: "\(directory)/linux.efi", content: image.content))
        }
        return files
    }

    /// The newest entry at once; a key held down shows the menu.
    private static let configuration = "timeout 0\n"

    package static func text(_ entry: BootEntry, directory: String) -> String {
        var lines = ["title \(entry.title)", "sort-key \(entry.system)", "version \(entry.release)"]
        switch entry.kernel {
        case .plain: lines += ["linux /\(directory)/linux", "initrd /\(directory)/initrd"]
        case .unified: lines += ["efi /\(directory)/linux.efi"]
        }
        lines.append("options \(entry.options.joined(separator: " "))")
        return lines.map { $0 + "\n" }.joined()
    }
}

extension Architecture {
    /// How UEFI abbreviates it (UEFI specification, 3.5.1.1), in lower case.
    var efiName: String {
        switch self {
        case .x86_64: "x64"
        case .aarch64: "aa64"
        }
    }
}
