internal import LinuxSystem
package import Machine
internal import SystemPackage

extension BootLoaders {
    /// The loaders that this host has for images without one.
    /// - Throws: where one is missing, with its package.
    package static func onHost(_ architecture: Architecture) throws -> [String] {
        var platforms = [GRUBPlatform.efi(architecture)]
        if architecture == .x86_64 { platforms.insert(GRUBPlatform.bios, at: 0) }
        for name in platforms where GRUBPlatform.placeOnHost(name) == nil {
            throw DiskImageError.loaderMissing(
                "GRUB for \(name)", lookedAt: GRUBPlatform.places(name), package: GRUBPlatform.package(name))
        }
        let program = SystemdBoot.path(architecture)
        guard Files.exists(FilePath(program)) else {
            throw DiskImageError.loaderMissing(
                "systemd-boot", lookedAt: [program], package: SystemdBoot.package)
        }
        return platforms.map { "GRUB for \($0)" } + ["systemd-boot"]
    }
}
