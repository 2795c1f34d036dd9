internal import BootPlan
internal import LinuxSystem

/// The root partition grows to the disk at each boot, before its file system does (fstab's x-systemd.growfs): with what the image
/// has for it.
enum GrowthChange {
    static func add(to list: inout ChangeList, _ tree: RootDirectory) throws {
        let directory = "/etc/systemd/system"
        let places = ["/usr/bin", "/usr/sbin", "/sbin", "/bin"]
        func program(_ name: String) throws -> String? {
            try places.map { "\($0)/\(name)" }.first { try tree.status($0) != nil }
        }
        let command: String
        if try program("systemd-repart") != nil, try UnitDirectory(tree).exists("systemd-repart.service") {
            // It runs at every boot where it has definitions, and grows what it finds (repart.d(5)).
            try list.write(
                "/etc/repart.d/50-root.conf", "[Partition]\nType=root\nGrowFileSystem=yes\n",
                TreeChange.Attributes(mode: 0o644))
            return
        } else if let growpart = try program("growpart") {
            command = "\(growpart) $disk $number || [ $? = 1 ]"
        } else if let sfdisk = try program("sfdisk") {
            // A partition that is mounted can grow, which the kernel is told by partx's way of resizing.
            command =
                "printf ',+\\n' | \(sfdisk) --no-reread --no-tell-kernel -N $number $disk && partx -u -n $number $disk"
        } else {
            throw DiskImageError.growthImpossible
        }
        let script = """
            #!/bin/sh
            # Written by bcvk: grows the root partition to the end of its disk.
            set -e
            partition=$(findmnt -nvo SOURCE /)
            name=${partition#/dev/}
            disk=/dev/$(basename "$(readlink -f "/sys/class/block/$name/..")")
            number=$(cat "/sys/class/block/$name/partition")
            \(command)

            """
        try list.write("/usr/local/sbin/bcvk-grow-root", script, TreeChange.Attributes(mode: 0o755))
        try list.write("\(directory)/bcvk-grow-root.service", unit, TreeChange.Attributes(mode: 0o644))
        try list.directory("\(directory)/local-fs.target.wants")
        try list.link("\(directory)/local-fs.target.wants/bcvk-grow-root.service", to: "../bcvk-grow-root.service")
    }

    private static let unit = """
        # Written by bcvk.
        [Unit]
        Description=Grow the root partition
        DefaultDependencies=no
        After=systemd-remount-fs.service
        Before=systemd-growfs-root.service local-fs.target shutdown.target
        Conflicts=shutdown.target

        [Service]
        Type=oneshot
        ExecStart=/usr/local/sbin/bcvk-grow-root

        """
}
