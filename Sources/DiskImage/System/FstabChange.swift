internal import LinuxSystem

/// /etc/fstab: the root by its UUID, and the EFI system partition.
enum FstabChange {
    /// Where the EFI system partition is mounted, as most distributions have it.
    static let efiMountPoint = "/boot/efi"

    static func add(to list: inout ChangeList, _ tree: RootDirectory, _ request: SystemChanges.Request) throws {
        let old = String(decoding: try tree.readFileIfPresent("/etc/fstab", limit: 1 << 20) ?? [], as: UTF8.self)
        try list.write("/etc/fstab", text(request, keeping: old), TreeChange.Attributes(mode: 0o644))
        if request.efiSource != nil {
            try list.directory(efiMountPoint)
        }
    }

    static func text(_ request: SystemChanges.Request, keeping old: String) -> String {
        var options = ["noatime"]
        if request.fileSystem == .ext4, request.isOptimized { options.append("data=writeback") }
        if request.grows { options.append("x-systemd.growfs") }
        let check = request.fileSystem == .ext4 ? 1 : 0
        var lines = [
            "\(request.rootSource) / \(request.fileSystem.rawValue) \(options.joined(separator: ",")) 0 \(check)"
        ]
        if let efi = request.efiSource {
            // A kernel without FAT, or a firmware that is none, is no reason for a failed unit.
            lines.append("\(efi) \(efiMountPoint) vfat umask=0077,noauto,x-systemd.automount,nofail 0 0")
        }
        return (lines + kept(old)).map { $0 + "\n" }.joined()
    }

    /// Lines of the image that name no disk: those would be another machine's, and a boot would wait for them.
    private static func kept(_ old: String) -> [String] {
        old.split(separator: "\n").map(String.init).filter { line in
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard fields.count >= 3, !fields[0].hasPrefix("#") else { return false }
            return ["tmpfs", "proc", "sysfs", "devpts", "hugetlbfs"].contains(fields[2])
                || fields[3...].contains("bind")
        }
    }
}
