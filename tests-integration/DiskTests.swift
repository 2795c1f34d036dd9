import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// From an image to a disk: what tools of others find in it, and what it takes to make one.
@Suite("to-disk", .serialized)
struct DiskTests {
    /// A host whose disks are the same whenever they are made.
    private func host(_ user: Host.User = .root) throws -> Host {
        var host = try Host(user)
        host.variables = ["SOURCE_DATE_EPOCH=1700000000"]
        return host
    }

    /// A public key that is the same in all tests.
    private static let key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFX2Qx1oUu8UjJkqQe4bOe2Qm8oJjY8w2m5Wl2G0TqgE test\n"

    private func directory(_ host: Host) throws -> FilePath {
        let path = try host.laboratory.directory("disks", mode: 0o755)
        try Files.writeAtomically(Self.key, to: path.appending("key.pub"), mode: 0o644)
        if host.user != .root { _ = try ChildProgram("/bin/chown", ["-R", host.user.name, path.string]).run() }
        return path
    }

    private func make(
        _ host: Host, _ image: String, _ disk: FilePath, _ options: String...
    ) throws -> ProgramResult {
        let key = disk.removingLastComponent().appending("key.pub").string
        return try host.bcvk(
            ["to-disk", "--disk-size", "1500M", "--ssh-key", key] + options
                + [try host.laboratory.image(image), disk.string])
    }

    private func tool(_ name: String, _ arguments: [String]) throws -> ProgramResult {
        let path = try #require(ProgramSearch.find(name), "\(name) is not installed")
        return try ChildProgram(path, arguments).run()
    }

    @Test("makes the same bytes of the same inputs, whatever cache they come from", .enabled(if: geteuid() == 0))
    func reproducibility() throws {
        let one = try host()
        var other = try Host(sharesCache: false)
        other.variables = one.variables
        let disks = [try directory(one).appending("a.raw"), try directory(other).appending("b.raw")]
        for (host, disk) in zip([one, other], disks) {
            let result = try make(host, "debian13", disk)
            #expect(result.exit == .exited(0), "\(result.story)")
            #expect(result.text == "\(disk)\n")
        }
        let same = try tool("cmp", disks.map(\.string))
        #expect(same.exit == .exited(0), "\(same.story)")
        try examine(disks[0])
        let differences = try differences(one, disks[0])
        #expect(differences == Self.changes)
    }

    @Test("makes the same tree for an ordinary user, but for devices", .enabled(if: geteuid() == 0))
    func ordinaryUser() throws {
        let user = try host(.ordinary)
        let disk = try directory(user).appending("a.raw")
        let result = try make(user, "debian13", disk)
        #expect(result.exit == .exited(0), "\(result.story)")
        // Device nodes are what the kernel lets no ordinary user make.
        let found = try differences(try host(), disk).filter {
            !$0.hasPrefix("- /dev/") && $0 != "- /usr/local/share/null"
        }
        #expect(found == Self.changes)
    }

    /// What a disk of the image has otherwise.
    private static let changes = [
        "+ /boot/bcvk-initramfs-*.img", "+ /boot/efi", "+ /boot/grub", "+ /boot/grub/grub.cfg", "~ /etc/fstab",
        "+ /etc/hosts", "+ /etc/systemd/system/bcvk-agent.service", "+ /etc/systemd/system/bcvk-booted.service",
        "+ /etc/systemd/system/bcvk-emergency.service", "+ /etc/systemd/system/bcvk-ssh-host-keys.service",
        "+ /etc/systemd/system/bcvk-ssh.service", "+ /etc/systemd/system/emergency.target.wants",
        "+ /etc/systemd/system/emergency.target.wants/bcvk-emergency.service", "+ /etc/systemd/system/ssh.service.d",
        "+ /etc/systemd/system/ssh.service.d/bcvk.conf", "+ /etc/systemd/system/sshd.service.d",
        "+ /etc/systemd/system/sshd.service.d/bcvk.conf", "+ /etc/systemd/system/sshd@.service.d",
        "+ /etc/systemd/system/sshd@.service.d/bcvk.conf", "+ /etc/udev/rules.d/70-bcvk-agent.rules", "+ /lost+found",
        "+ /root/.ssh/authorized_keys", "+ /usr/local/libexec/bcvk-guest",
    ]

    /// What the tools of others say of it: nothing.
    private func examine(_ disk: FilePath) throws {
        let verified = try tool("sfdisk", ["--verify", disk.string])
        #expect(verified.text.contains("No errors detected"), "\(verified.story)")
        let checked = try tool("sgdisk", ["--verify", disk.string])
        #expect(checked.text.contains("No problems found"), "\(checked.story)")
        let report = try host().bcvk("disk", "inspect", "--json", disk.string).json()
        try JSONForm.named("disk inspect").check(report)
        let partitions = report["partitions"]?.elements ?? []
        #expect(partitions.compactMap { $0["name"]?.stringValue } == ["bios-boot", "esp", "root"])
        let offsets = partitions.compactMap { $0["offset"]?.integerValue }
        let root = try tool("e2fsck", ["-f", "-n", "\(disk)?offset=\(offsets[2])"])
        #expect(root.exit == .exited(0), "\(root.story)")
        let efi = disk.removingLastComponent().appending("esp.img")
        let copied = try tool(
            "dd", ["if=\(disk)", "of=\(efi)", "bs=1M", "skip=\(offsets[1] >> 20)", "count=512", "conv=sparse"])
        #expect(copied.exit == .exited(0), "\(copied.story)")
        let fat = try tool("fsck.vfat", ["-n", efi.string])
        #expect(fat.exit == .exited(0), "\(fat.story)")
    }

    /// In what the tree on the disk differs from the cached one.
    private func differences(_ host: Host, _ disk: FilePath) throws -> [String] {
        let tree = try host.bcvk("images", "pull", "--json", try host.laboratory.image("debian13")).json()["tree"]
        let script = host.laboratory.recipes.removingLastComponent().appending("lib/disk-differences")
        let result = try ChildProgram(script, [try #require(tree?.stringValue), disk.string]).run()
        #expect(result.exit == .exited(0), "\(result.story)")
        return result.text.split(separator: "\n").map(String.init)
    }

    @Test("keeps a disk that is the same, and makes it again when any option differs")
    func reuse() throws {
        let host = try host()
        let disk = try directory(host).appending("disk.raw")
        #expect(try make(host, "debian13", disk).exit == .exited(0))
        let before = try OwnedDescriptor(opening: disk, .readOnly).status().inode
        let again = try make(host, "debian13", disk)
        #expect(again.exit == .exited(0) && again.complaint.contains("it is kept"), "\(again.story)")
        #expect(try OwnedDescriptor(opening: disk, .readOnly).status().inode == before)
        #expect(try make(host, "debian13", disk, "--dry-run").text == "would-keep\n")
        for option in [
            ["--format", "qcow2"], ["--disk-size", "1501M"], ["--root-size", "900M"], ["--firmware", "uefi"],
            ["--bootloader", "grub"], ["--karg", "x"], ["--hostname", "other"], ["--optimize"], ["--no-ssh-key"],
            ["--initramfs", "own"], ["--no-agent"], ["--grow"],
        ] {
            let key = option == ["--no-ssh-key"] ? [] : ["--ssh-key", disk.removingLastComponent().string + "/key.pub"]
            let size = option[0] == "--disk-size" ? [] : ["--disk-size", "1500M"]
            let result = try host.bcvk(
                ["to-disk", "--dry-run"] + size + key + option
                    + [try host.laboratory.image("debian13"), disk.string])
            #expect(result.text == "would-make\n", "\(option) \(result.story)")
        }
    }

    @Test("refuses what it cannot do before it begins, and leaves nothing")
    func badInput() throws {
        let host = try host()
        let place = try directory(host)
        let image = try host.laboratory.image("debian13")
        func expect(_ arguments: [String], says words: [String], code: Int32 = 125) throws {
            let result = try host.bcvk(["to-disk", "--no-ssh-key"] + arguments)
            #expect(result.exit == .exited(code), "\(result.story)")
            for word in words { #expect(result.complaint.contains(word), "\(result.story)") }
        }
        try expect([image, place.string], says: ["is a directory"])
        try expect([image, "/dev/null"], says: ["is a device"])
        try expect([image, "/nonexistent/disk"], says: ["/nonexistent"])
        let disk = place.appending("disk.raw").string
        try expect(["--disk-size", "600M", image, disk], says: ["600 MiB is too small", "are needed"])
        try expect(["--root-size", "1M", image, disk], says: ["--root-size 1 MiB is too small"])
        try expect(["--disk-size", "lots", image, disk], says: ["--disk-size"], code: 64)
        try expect(["--firmware", "bios", "--bootloader", "systemd-boot", image, disk], says: ["UEFI only"])
        try expect(["--filesystem", "xfs", image, disk], says: ["mkfs.xfs", "--filesystem ext4"])
        try expect(["--filesystem", "btrfs", image, disk], says: ["mkfs.btrfs", "--filesystem ext4"])
        try expect(["--initramfs", "image", image, disk], says: ["no initramfs for kernel"])
        try expect(["--grow", image, disk], says: ["systemd-repart", "growpart", "sfdisk"])
        let foreign = place.appending("letter.txt")
        try Files.writeAtomically("dear\n", to: foreign)
        try expect([image, foreign.string], says: ["was not made by bcvk"])
        #expect(try Files.readWhole(foreign) == Array("dear\n".utf8))
        let names = try RootDirectory(place).entries("/").map(\.name)
        #expect(names == ["key.pub", "letter.txt"])
    }

    @Test("names the package of a boot loader that neither image nor host has", .enabled(if: geteuid() == 0))
    func missingLoader() throws {
        let host = try host()
        let disk = try directory(host).appending("disk.raw").string
        let bare = try MountNamespace(
            "mount -t tmpfs tmpfs /usr/lib/grub; mount -t tmpfs tmpfs /usr/lib/systemd/boot/efi")
        for (loader, package) in [("grub", "grub-pc-bin"), ("systemd-boot", "systemd-boot-efi")] {
            let firmware = loader == "grub" ? "bios" : "uefi"
            let result = try bare.inside(
                host.program([
                    "to-disk", "--no-ssh-key", "--firmware", firmware, "--bootloader", loader,
                    try host.laboratory.image("debian13"), disk,
                ])
            ).run()
            #expect(result.exit == .exited(125) && result.complaint.contains(package), "\(result.story)")
        }
        #expect(!Files.exists(FilePath(disk)))
    }

    @Test("asks for room on the host before it begins", .enabled(if: geteuid() == 0))
    func smallHost() throws {
        let host = try host()
        let place = try directory(host).appending("small")
        try Files.createDirectories(place)
        let small = try MountNamespace("mount -t tmpfs -o size=200M tmpfs '\(place)'")
        let result = try small.inside(
            host.program(["to-disk", "--no-ssh-key", try host.laboratory.image("debian13"), "\(place)/disk.raw"])
        ).run()
        #expect(result.exit == .exited(125), "\(result.story)")
        #expect(result.complaint.contains("free") && result.complaint.contains("are needed"), "\(result.story)")
        #expect(try small.run("ls -A '\(place)'") == "")
    }

    @Test(
        "leaves what was there when the host's disk is full half-way: of blocks while files are copied, of inodes later",
        .enabled(if: geteuid() == 0), arguments: ["size=40M", "nr_inodes=9", "nr_inodes=30"])
    func fullDisk(limit: String) throws {
        let host = try host()
        let place = try directory(host).appending("small")
        try Files.createDirectories(place)
        // Enough when it is asked for beforehand, and not any more as soon as the work has begun.
        let small = try MountNamespace(
            "mount -t tmpfs -o size=2G tmpfs '\(place)'; echo dear >'\(place)/disk.raw'")
        var program = host.program([
            "to-disk", "--no-ssh-key", "--force", try host.laboratory.image("debian13"), "\(place)/disk.raw",
        ])
        let script = """
            "$@" & process=$!
            until [ -e '\(place)/.disk.raw.bcvk' ]; do kill -0 $process || exit 99; done
            mount -o 'remount,\(limit)' '\(place)'; wait $process
            """
        program.arguments = ["-c", script, "sh", program.executable.string] + program.arguments
        program.executable = "/bin/sh"
        let result = try small.inside(program).run()
        #expect(result.exit == .exited(125), "\(result.story)")
        #expect(result.complaint.lowercased().contains("no space left"), "\(result.story)")
        #expect(try small.run("ls -A '\(place)'; cat '\(place)/disk.raw'") == "disk.raw\ndear\n")
    }
}
