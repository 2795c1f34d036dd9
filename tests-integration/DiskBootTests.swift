import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// Disks boot by themselves, by each firmware and loader.
@Suite("disk run", .serialized)
struct DiskBootTests {
    @Test("by UEFI and systemd-boot, then by BIOS; what is written stays, or not with --snapshot; the agent answers")
    func systemdBoot() throws {
        let machine = try DiskMachine(
            try Host(), "debian13", "a.raw", "--bootloader", "systemd-boot", "--hostname", "web", "--karg",
            "bcvk.test=1")
        #expect(try machine.origin()["initramfs"]?.stringValue == "own")
        let first = try machine.boot(
            command: DiskMachine.questions
                + "; hostname; grep -o bcvk.test=1 /proc/cmdline; ls /boot/efi; echo kept > /root/file"
        ) { name in
            let host = machine.host
            let answer = try host.bcvk("disk", "exec", name, "--", "sh", "-c", "cat /root/file; exit 7")
            #expect(answer.exit == .exited(7) && answer.text == "kept\n", "\(answer.story)")
            // The guest has told both by itself.
            for goal in ["boot", "ssh"] {
                let reached = try host.bcvk("disk", "wait", "--for", goal, "--timeout", "60", name)
                #expect(reached.exit == .exited(0), "\(reached.story)")
            }
        }
        DiskMachine.expectHealthy(first, root: "/dev/vda3", firmware: "uefi")
        #expect(first.text.hasSuffix("web\nbcvk.test=1\nEFI\ndebian\nloader\n"), "\(first.story)")
        let before = try OwnedDescriptor(opening: machine.disk, .readOnly).status().modified
        let second = try machine.boot(
            "--firmware", "bios", "--snapshot",
            command: DiskMachine.questions + "; cat /root/file; rm /root/file; sync")
        DiskMachine.expectHealthy(second, root: "/dev/vda3", firmware: "bios")
        #expect(second.text.hasSuffix("kept\n"), "\(second.story)")
        #expect(try OwnedDescriptor(opening: machine.disk, .readOnly).status().modified == before)
    }

    @Test("by UEFI and GRUB, from an image with an initramfs of its own, without the agent")
    func grubForUEFI() throws {
        let machine = try DiskMachine(
            try Host(), "debian13-dracut", "a.raw", "--bootloader", "grub", "--firmware", "uefi", "--no-agent")
        let origin = try machine.origin()
        #expect(origin["initramfs"]?.stringValue == "image")
        #expect(origin["loaders"]?["uefi"]?.stringValue == "grub")
        DiskMachine.expectHealthy(
            try machine.boot(command: DiskMachine.questions), root: "/dev/vda2", firmware: "uefi")
    }

    @Test(
        "by BIOS and GRUB, qcow2, as an ordinary user; the root grows to a disk that has grown",
        .enabled(if: Host.ordinaryUserCanRun))
    func grubForBIOS() throws {
        let machine = try DiskMachine(
            try Host(.ordinary), "debian12", "a.qcow2", "--firmware", "bios", "--disk-size", "2G", "--grow")
        let report = try machine.host.bcvk("disk", "inspect", "--json", machine.disk.string).json()
        #expect(report["format"]?.stringValue == "qcow2")
        let tool = try #require(ProgramSearch.find("qemu-img"))
        let resized = try ChildProgram(tool, ["resize", "-q", machine.disk.string, "4G"]).run()
        try #require(resized.exit == .exited(0), "\(resized.story)")
        let result = try machine.boot(
            command: DiskMachine.questions
                + "; stat --format %U:%G%a /etc/shadow; df --output=size -BG / | tail -n 1 | tr -d ' '")
        DiskMachine.expectHealthy(result, root: "/dev/vda2", firmware: "bios")
        #expect(result.text.hasSuffix("root:shadow640\n4G\n"), "\(result.story)")
    }

    @Test("for one machine at a time, and not while it is replaced")
    func inUse() throws {
        let host = try Host()
        let disk = try DiskMachine(host, "debian13", "a.raw", "--firmware", "bios").disk
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
