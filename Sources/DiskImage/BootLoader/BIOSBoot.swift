/// GRUB's way from the BIOS to its core image: the boot sector loads the first sector of the core image, and that one loads the
/// rest. Both have the sectors written into them (GRUB's boot.S and diskboot.S), as grub-bios-setup(8) does it.
package struct BIOSBoot {
    /// What goes into the master boot record.
    package let bootCode: [UInt8]
    /// What goes to the beginning of the BIOS boot partition.
    package let core: [UInt8]

    private static let sector = Int(PartitionTable.sectorSize)
    /// The 64-bit number of the core image's first sector (GRUB_BOOT_MACHINE_KERNEL_SECTOR).
    private static let kernelSector = 0x5C
    /// Two bytes that skip a work-around meant for disks (GRUB_BOOT_MACHINE_DRIVE_CHECK).
    private static let driveCheck = 0x66
    /// The first list of sectors: a 64-bit number of a sector, a 16-bit count, a 16-bit segment.
    private static let blockList = 512 - 12

    /// - Parameters:
    ///   - boot: GRUB's boot.img.
    ///   - core: what grub-mkimage made.
    ///   - partition: the BIOS boot partition.
    package init(boot: [UInt8], core: [UInt8], partition: Partition) throws(DiskImageError) {
        guard boot.count == Self.sector, boot[510] == 0x55, boot[511] == 0xAA else {
            throw .loaderUnusable("GRUB's boot.img", reason: "it is no boot sector")
        }
        guard core.count > 2 * Self.sector, UInt64(core.count) <= partition.size else {
            throw .loaderUnusable("GRUB's core image", reason: "\(core.count) bytes do not fit its partition")
        }
        let start = partition.sectors.lowerBound
        var sector = boot
        sector.replace(at: Self.kernelSector, little: start)
        // No operation twice: the BIOS is told the drive anew, since some tell a wrong one.
        sector.replaceSubrange(Self.driveCheck..<(Self.driveCheck + 2), with: [0x90, 0x90])
        bootCode = Array(sector.prefix(440))

        var image = core
        image.pad(to: (core.count + Self.sector - 1) / Self.sector * Self.sector)
        let rest = image.count / Self.sector - 1
        // grub-mkimage has written the count; where it stands now, the list is the one that is read.
        guard image.little(UInt16.self, at: Self.blockList + 8) == UInt16(rest) else {
            throw .loaderUnusable("GRUB's core image", reason: "its first sector has an unexpected form")
        }
        image.replace(at: Self.blockList, little: start + 1)
        self.core = image
    }
}
