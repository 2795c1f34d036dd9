import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// Boots of disks that take long where instructions are translated: `contrib/test --disks`.
@Suite("disk run, the long way", .serialized)
struct LongDiskTests {
    @Test("from an initramfs that the image's own tool makes in a machine")
    func makesInitramfs() throws {
        let machine = try DiskMachine(try Host(), "debian12", "a.raw", "--initramfs", "make")
        #expect(try machine.origin()["initramfs"]?.stringValue == "made")
        let result = try machine.boot(command: DiskMachine.questions + "; ls /boot")
        DiskMachine.expectHealthy(result, root: "/dev/vda3", firmware: "uefi")
    }

    @Test("by UEFI, from a unified kernel image as it is")
    func unifiedKernelImage() throws {
        let machine = try DiskMachine(try Host(), "debian13-uki", "a.raw", "--firmware", "uefi")
        DiskMachine.expectHealthy(
            try machine.boot(command: DiskMachine.questions), root: "/dev/vda2", firmware: "uefi")
    }
}
