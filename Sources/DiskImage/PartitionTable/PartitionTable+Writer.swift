extension PartitionTable {
    /// The disk's first sectors: protective MBR, header, entries.
    /// - Parameter bootCode: what the MBR executes under BIOS, at most 440 bytes.
    package func primary(bootCode: [UInt8] = []) -> [UInt8] {
        protectiveMBR(bootCode) + header(at: 1, other: sectorCount - 1, entriesAt: 2) + entries
    }

    /// The disk's last sectors: entries, header.
    package var backup: [UInt8] {
        let entriesAt = sectorCount - 1 - Self.entrySectors
        return entries + header(at: sectorCount - 1, other: 1, entriesAt: entriesAt)
    }

    /// Where the backup begins, in bytes.
    package var backupOffset: UInt64 { (sectorCount - 1 - Self.entrySectors) * Self.sectorSize }

    /// A master boot record with one partition over the whole disk, so that tools that know no GPT keep off it
    /// (UEFI specification, 5.2.3).
    private func protectiveMBR(_ bootCode: [UInt8]) -> [UInt8] {
        var sector = Array(bootCode.prefix(440))
        sector.pad(to: 446)
        // Not active: some firmwares take the flag for a sign of a disk without GPT. CHS addresses past their range.
        sector += [0x00, 0x00, 0x02, 0x00, 0xEE, 0xFF, 0xFF, 0xFF]
        sector.append(little: UInt32(1))
        sector.append(little: UInt32(clamping: sectorCount - 1))
        sector.pad(to: 510)
        return sector + [0x55, 0xAA]
    }

    private func header(at own: UInt64, other: UInt64, entriesAt: UInt64) -> [UInt8] {
        let usable = Self.usableSectors(of: sectorCount)
        var header = Array("EFI PART".utf8)
        // Revision 1.0, header size, its checksum (filled in below), reserved.
        header.append(little: UInt32(0x0001_0000))
        header.append(little: UInt32(92))
        header.append(little: UInt32(0))
        header.append(little: UInt32(0))
        for sector in [own, other, usable.lowerBound, usable.upperBound] { header.append(little: sector) }
        header += id.mixedEndian
        header.append(little: entriesAt)
        header.append(little: UInt32(Self.entryCount))
        header.append(little: UInt32(Self.entrySize))
        header.append(little: CRC32.iso(entries))
        header.replace(at: 16, little: CRC32.iso(header))
        header.pad(to: Int(Self.sectorSize))
        return header
    }

    private var entries: [UInt8] {
        var bytes: [UInt8] = []
        for partition in partitions {
            var entry = partition.type.guid.mixedEndian + partition.id.mixedEndian
            entry.append(little: partition.sectors.lowerBound)
            entry.append(little: partition.sectors.upperBound)
            entry.append(little: partition.attributes)
            for unit in partition.name.utf16.prefix(36) { entry.append(little: unit) }
            entry.pad(to: Self.entrySize)
            bytes += entry
        }
        bytes.pad(to: Self.entryCount * Self.entrySize)
        return bytes
    }
}
