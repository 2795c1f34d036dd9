import DiskImage
import Testing

@Suite("What boot loaders are told")
struct BootLoaderTests {
    private static let root = GUID("0ffa6314-c7e3-43c5-8e2e-65d006dae5f7") ?? .zero

    private func entry(_ kernel: BootEntry.Kernel) -> BootEntry {
        BootEntry(
            title: "Bob's Linux", system: "bob", release: "6.1", kernel: kernel,
            options: ["root=UUID=\(Self.root)", "ro", "a=$b"], root: Self.root)
    }

    private func file(_ path: String) -> BootFile { BootFile(path: path, content: [1], isInImage: true) }

    @Test("by an entry of the Boot Loader Specification")
    func entryText() {
        let text = SystemdBoot.text(
            entry(.plain(kernel: file("/k"), initramfs: file("/i"))), directory: "bob/6.1")
        #expect(
            text == """
                title Bob's Linux
                sort-key bob
                version 6.1
                linux /bob/6.1/linux
                initrd /bob/6.1/initrd
                options root=UUID=0ffa6314-c7e3-43c5-8e2e-65d006dae5f7 ro a=$b

                """)
    }

    @Test("of a unified kernel image by its command line")
    func unifiedEntry() {
        let text = SystemdBoot.text(
            entry(.unified(file("/u"), kernel: file("/k"), initramfs: file("/i"))), directory: "bob/6.1")
        #expect(text.contains("efi /bob/6.1/linux.efi\n"))
        #expect(!text.contains("initrd"))
    }

    @Test("by GRUB's configuration, in which no word is more than itself")
    func grub() {
        let text = GRUBConfiguration.main(entry(.plain(kernel: file("/boot/vmlinuz"), initramfs: file("/boot/i"))))
        #expect(text.contains(#"menuentry 'Bob'\''s Linux' --id '6.1' {"#))
        #expect(text.contains("    search --no-floppy --fs-uuid --set=root 0ffa6314-c7e3-43c5-8e2e-65d006dae5f7\n"))
        #expect(
            text.contains(
                "    linux '/boot/vmlinuz' 'root=UUID=0ffa6314-c7e3-43c5-8e2e-65d006dae5f7' 'ro' 'a=$b'\n    initrd '/boot/i'\n"
            ))
    }

    @Test("of sectors, for BIOS")
    func sectors() throws {
        var boot = [UInt8](repeating: 0xAB, count: 512)
        boot.replaceSubrange(510..<512, with: [0x55, 0xAA])
        var core = [UInt8](repeating: 0, count: 2000)
        core.replace(at: 508, little: UInt16(3))
        core.replace(at: 510, little: UInt16(0x820))
        let partition = Partition(type: .biosBoot, id: .zero, name: "", sectors: 2048...4095)
        let made = try BIOSBoot(boot: boot, core: core, partition: partition)
        #expect(made.bootCode.count == 440)
        #expect(made.bootCode[0x5C..<0x64] == [0x00, 0x08, 0, 0, 0, 0, 0, 0])
        #expect(made.bootCode[0x66..<0x68] == [0x90, 0x90])
        #expect(made.core.count == 2048)
        #expect(made.core[500..<512] == [0x01, 0x08, 0, 0, 0, 0, 0, 0, 3, 0, 0x20, 0x08])
    }

    @Test("not at all where a core image is none, or does not fit")
    func badCore() {
        var boot = [UInt8](repeating: 0, count: 512)
        boot.replaceSubrange(510..<512, with: [0x55, 0xAA])
        let partition = Partition(type: .biosBoot, id: .zero, name: "", sectors: 2048...2050)
        for core in [[UInt8](repeating: 0, count: 1024), [UInt8](repeating: 0, count: 4096)] {
            #expect(throws: DiskImageError.self) { try BIOSBoot(boot: boot, core: core, partition: partition) }
        }
    }

    @Test("on the EFI system partition in directories that are made from the top")
    func directories() {
        let files = ["EFI/BOOT/B.EFI", "EFI/x/y", "loader/l"].map { EFIFile(path: $0, content: []) }
        #expect(EFIPartition.directories(of: files) == ["EFI", "EFI/BOOT", "EFI/x", "loader"])
        #expect(EFIPartition.uuid(0x00AB_CDEF) == "00AB-CDEF")
    }
}
