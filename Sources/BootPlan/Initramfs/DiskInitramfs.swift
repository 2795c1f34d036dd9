public import LinuxSystem
public import SystemPackage

/// bcvk's own initramfs for a system on a disk: it finds the root by the kernel's command line and starts its init.
public enum DiskInitramfs {
    /// What disks of virtual machines hang on; and the checksum of ext4 and btrfs, which they ask for by an alias.
    private static let drivers = [
        "virtio_pci", "virtio_blk", "virtio_scsi", "sd_mod", "ahci", "nvme", "xen_blkfront", "hv_storvsc",
        "crc32c_generic", "crc32c_intel", "crc32c_cryptoapi",
    ]

    /// Makes it for a kernel of a tree.
    /// - Parameters:
    ///   - guest: the guest program's file.
    ///   - fileSystem: the module of the root's file system, without which it is of no use.
    public static func make(
        release: String, in tree: RootDirectory, guest: FilePath, fileSystem: String
    ) throws -> [UInt8] {
        guard let modules = try KernelModules(of: release, in: tree) else {
            throw BootPlanError.noModules(release: release, directory: "/usr/lib/modules/\(release)")
        }
        let program = try Files.readWhole(guest)
        let needed = drivers.map { ($0, false) } + [(fileSystem, true)]
        return OwnInitramfs.base(guest: program, modules: try modules.stages(root: needed))
    }
}
