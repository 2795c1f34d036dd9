internal import ContainerImage
internal import LinuxSystem
internal import Machine

/// The loaders of a disk: one for each firmware that is to boot it.
package struct BootLoaders {
    /// What UEFI starts.
    enum EFILoader {
        case systemdBoot(SystemdBoot)
        case grub(GRUBPlatform)
    }

    /// nil for a disk that UEFI need not boot.
    let efi: EFILoader?
    /// nil for a disk that BIOS need not boot.
    let bios: GRUBPlatform?

    /// Finds them in the image or on the host.
    init(tree: RootDirectory, recipe: DiskRecipe, architecture: Architecture) throws {
        if recipe.firmware.hasBIOS {
            guard architecture == .x86_64 else {
                throw DiskImageError.loaderUnusable("BIOS", reason: "\(architecture.rawValue) has only UEFI")
            }
            if recipe.bootLoader == .systemdBoot, recipe.firmware == .bios {
                throw DiskImageError.loaderUnusable("systemd-boot", reason: "it is for UEFI only")
            }
            bios = try Self.grub(GRUBPlatform.bios, tree)
        } else {
            bios = nil
        }
        guard recipe.firmware.hasUEFI else {
            efi = nil
            return
        }
        if recipe.bootLoader != .grub, let loader = try SystemdBoot(tree: tree, architecture: architecture) {
            efi = .systemdBoot(loader)
        } else if recipe.bootLoader == .systemdBoot {
            throw DiskImageError.loaderMissing(
                "systemd-boot", lookedAt: [SystemdBoot.path(architecture)],
                package: SystemdBoot.package)
        } else {
            efi = .grub(try Self.grub(GRUBPlatform.efi(architecture), tree))
        }
    }

    private static func grub(_ name: String, _ tree: RootDirectory) throws -> GRUBPlatform {
        guard let found = try GRUBPlatform(name, tree: tree) else {
            throw DiskImageError.loaderMissing(
                "GRUB for \(name)", lookedAt: GRUBPlatform.places(name), package: GRUBPlatform.package(name))
        }
        return found
    }

    /// What tells these loaders from others: a host with newer ones makes another disk.
    var digests: [String] {
        get throws {
            var digests: [String] = []
            switch efi {
            case .systemdBoot(let loader): digests.append(Digest.sha256(loader.program).description)
            case .grub(let platform): digests.append(Digest.sha256(try platform.part("kernel.img")).description)
            case nil: break
            }
            if let bios { digests.append(Digest.sha256(try bios.part("kernel.img")).description) }
            return digests
        }
    }

    /// Whether a loader reads kernel and configuration from the root file system.
    var needsRootFiles: Bool {
        if bios != nil { return true }
        if case .grub? = efi { return true }
        return false
    }

    /// Their names, by firmware.
    var names: [String: String] {
        var names: [String: String] = [:]
        switch efi {
        case .systemdBoot: names["uefi"] = "systemd-boot"
        case .grub: names["uefi"] = "grub"
        case nil: break
        }
        if bios != nil { names["bios"] = "grub" }
        return names
    }
}
