internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// The EFI system partition: FAT32 by mkfs.vfat(8), filled by mtools(1), inside the disk's file.
package struct EFIPartition {
    let disk: FilePath
    let partition: Partition
    /// The volume's serial number, which Linux shows as its UUID.
    let serial: UInt32
    let clock: Int64
    /// Whether times must not differ between two runs.
    let isReproducible: Bool

    /// The serial number as fstab names it: `ABCD-0123`.
    package static func uuid(_ serial: UInt32) -> String {
        let digits = hexadecimal(serial)
        return "\(digits.prefix(4))-\(digits.suffix(4))"
    }

    private static func hexadecimal(_ serial: UInt32) -> String {
        let digits = String(serial, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Makes the file system with these files.
    /// - Parameter work: an empty directory.
    func make(_ files: [EFIFile], work: FilePath) throws {
        let need = files.reduce(UInt64(0)) { $0 + UInt64($1.content.count) }
        // Tables, directories and clusters that are partly used.
        let room = partition.size - (8 << 20)
        guard need <= room else {
            throw DiskImageError.kernelTooLarge(
                needed: ByteSize(bytes: need).description, room: ByteSize(bytes: room).description)
        }
        let mkfs = try HostTool(.mkfsVFAT)
        var arguments = ["-F", "32", "-n", "ESP", "--offset", "\(partition.sectors.lowerBound)"]
        if isReproducible { arguments.append("--invariant") }
        // After --invariant, which has a serial number of its own.
        arguments += ["-i", Self.hexadecimal(serial), disk.string, "\(partition.size >> 10)"]
        try mkfs.run(arguments, clock: clock)
        let image = ["-i", "\(disk)@@\(partition.offset)"]
        let mmd = try HostTool(.mmd)
        try mmd.run(image + Self.directories(of: files).map { "::\($0)" }, clock: clock)
        let mcopy = try HostTool(.mcopy)
        for (index, file) in files.enumerated() {
            let source = work.appending("\(index)")
            try Files.writeAtomically(file.content, to: source)
            try mcopy.run(image + ["-Q", source.string, "::\(file.path)"], clock: clock)
        }
    }

    /// All directories that files are in, each after the one above it.
    package static func directories(of files: [EFIFile]) -> [String] {
        var found: [String] = []
        for file in files {
            let parts = file.path.split(separator: "/").dropLast()
            for count in parts.indices {
                let path = parts[...count].joined(separator: "/")
                if !found.contains(path) { found.append(path) }
            }
        }
        return found
    }
}
