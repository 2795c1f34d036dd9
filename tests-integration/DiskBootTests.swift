import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// Disks boot by themselves, by each firmware and loader.
@Suite("disk run", .serialized)
struct DiskBootTests {
    /// A disk of an image, in a directory of its own.
    private func disk(
        _ host: Host, _ image: String, _ name: String, _ options: String...
    ) throws -> FilePath {
        let place = try host.laboratory.directory("disks", mode: 0o755)
        if host.user != .root { _ = try ChildProgram("/bin/chown", [host.user.name, place.string]).run() }
        let path = place.appending(name)
        let result = try host.bcvk(["to-disk"] + options + [try host.laboratory.image(image), path.string])
        try #require(result.exit == .exited(0), "\(result.story)")
        return path
    }

    /// Boots a disk, runs a command when the system is up, and shuts it down.
    private func boot(_ host: Host, _ disk: FilePath, _ options: String..., command: String) throws -> ProgramResult {
        let name = "disk-\(UInt32.random(in: .min ... .max))"
        let started = try host.bcvk(
            ["disk", "run", "--detach", "--name", name, "--memory", "1G"] + options + [disk.string])
        try #require(started.exit == .exited(0), "\(started.story)")
        #expect(started.text == "\(name)\n")
        let result = try host.bcvk("disk", "ssh", "--boot-timeout", "500", name, command)
        let stopped = try host.bcvk("disk", "stop", "--timeout", "120", name)
        #expect(stopped.exit == .exited(0) && !stopped.complaint.contains("was ended"), "\(stopped.story)")
        let record = try host.bcvk("ephemeral", "inspect", name).json()
        #expect(record["reason"]?.stringValue == "the guest powered off")
        #expect(try host.bcvk("disk", "rm", name).exit == .exited(0))
        #expect(try host.leftovers() == [])
        return result
    }

    /// What is asked of every system: one line each.
    private static let questions = """
        systemctl is-system-running --wait; systemctl --failed --no-legend --plain | wc -l
        findmnt --noheadings --output SOURCE,FSTYPE /
        test -d /sys/firmware/efi && echo uefi || echo bios
        """

    private func expectHealthy(
        _ result: ProgramResult, root: String, firmware: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let lines = result.text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            Array(lines.prefix(4)) == ["running", "0", "\(root) ext4", firmware], "\(result.story)",
            sourceLocation: sourceLocation)
    }

    @Test("by UEFI and systemd-boot, raw; what is written stays, or is dropped with --snapshot")
    func systemdBoot() throws {
        let host = try Host()
        let disk = try disk(
            host, "debian13", "a.raw", "--bootloader", "systemd-boot", "--hostname", "web", "--karg", "bcvk.test=1")
        let first = try boot(
            host, disk,
            command: Self.questions + "; hostname; grep -o bcvk.test=1 /proc/cmdline; echo kept > /root/file; sync")
        expectHealthy(first, root: "/dev/vda3", firmware: "uefi")
        #expect(first.text.hasSuffix("web\nbcvk.test=1\n"), "\(first.story)")
        let second = try boot(
            host, disk, "--snapshot", command: "cat /root/file /etc/machine-id; rm /root/file; sync; ls /boot/efi")
        #expect(second.text.hasPrefix("kept\n"), "\(second.story)")
        #expect(second.text.hasSuffix("EFI\ndebian\nloader\n"), "\(second.story)")
        // The same disk by the other firmware.
        let third = try boot(host, disk, "--firmware", "bios", command: Self.questions + "; cat /root/file")
        expectHealthy(third, root: "/dev/vda3", firmware: "bios")
        #expect(third.text.hasSuffix("kept\n"), "\(third.story)")
    }

    @Test("by UEFI and GRUB, from an image with an initramfs of its own")
    func grubForUEFI() throws {
        let host = try Host()
        let disk = try disk(host, "debian13-dracut", "a.raw", "--bootloader", "grub", "--firmware", "uefi")
        let made = try host.bcvk("disk", "inspect", "--json", disk.string).json()["made_of"]
        #expect(made?["initramfs"]?.stringValue == "image")
        #expect(made?["loaders"]?["uefi"]?.stringValue == "grub")
        expectHealthy(try boot(host, disk, command: Self.questions), root: "/dev/vda2", firmware: "uefi")
    }

    @Test("by UEFI, from a unified kernel image as it is")
    func unifiedKernelImage() throws {
        let host = try Host()
        let disk = try disk(host, "debian13-uki", "a.raw", "--firmware", "uefi")
        expectHealthy(try boot(host, disk, command: Self.questions), root: "/dev/vda2", firmware: "uefi")
    }

    @Test(
        "by BIOS and GRUB, qcow2, as an ordinary user; the root grows to a disk that has grown",
        .enabled(if: Host.ordinaryUserCanRun))
    func grubForBIOS() throws {
        let host = try Host(.ordinary)
        let disk = try disk(host, "debian12", "a.qcow2", "--firmware", "bios", "--disk-size", "2G", "--grow")
        #expect(try host.bcvk("disk", "inspect", "--json", disk.string).json()["format"]?.stringValue == "qcow2")
        let tool = try #require(ProgramSearch.find("qemu-img"))
        let resized = try ChildProgram(tool, ["resize", "-q", disk.string, "4G"]).run()
        try #require(resized.exit == .exited(0), "\(resized.story)")
        let result = try boot(
            host, disk,
            command: Self.questions
                + "; stat --format %U:%G%a /etc/shadow; df --output=size -BG / | tail -n 1 | tr -d ' '")
        expectHealthy(result, root: "/dev/vda2", firmware: "bios")
        #expect(result.text.hasSuffix("root:shadow640\n4G\n"), "\(result.story)")
    }

    @Test("for one machine at a time, and not while it is replaced")
    func inUse() throws {
        let host = try Host()
        let disk = try disk(host, "debian13", "a.raw", "--firmware", "bios")
        #expect(try host.bcvk("disk", "run", "-d", "--name", "first", disk.string).exit == .exited(0))
        let second = try host.bcvk("disk", "run", "-d", "--name", "second", disk.string)
        #expect(second.exit == .exited(125) && second.complaint.contains("in use"), "\(second.story)")
        let replaced = try host.bcvk(
            "to-disk", "--firmware", "bios", "--karg", "x", try host.laboratory.image("debian13"), disk.string)
        #expect(replaced.exit == .exited(125) && replaced.complaint.contains("in use"), "\(replaced.story)")
        #expect(try host.bcvk("disk", "rm", "--force", "first").exit == .exited(0))
        #expect(try host.leftovers() == [])
    }
}
