import BootPlan
import LinuxSystem
import SystemPackage
import Testing

@Suite("The modules in an initramfs")
struct InitramfsModulesTests {
    private func archive(_ files: [String]) -> [UInt8] {
        var writer = CPIOWriter()
        // A length that needs filling up.
        for file in files { writer.file(file, [1, 2, 3]) }
        writer.finish()
        return writer.bytes
    }

    private func compressed(_ bytes: [UInt8], by words: String...) throws -> [UInt8] {
        var program = ChildProgram(try #require(ProgramSearch.find(words[0])), Array(words.dropFirst()))
        program.input = bytes
        let result = try program.run()
        try #require(result.exit == .exited(0))
        return result.output
    }

    @Test("are found in all archives, with padding between them, whatever the last is compressed with")
    func archives() throws {
        let microcode = archive(["kernel/x86/microcode/AuthenticAMD.bin"]) + [UInt8](repeating: 0, count: 508)
        let system = archive(["init", "usr/lib/modules/1/kernel/virtio-blk.ko.xz", "usr/lib/modules/1/kernel/ext4.ko"])
        for last in [
            system, try compressed(system, by: "gzip", "-c"), try compressed(system, by: "zstd", "-c"),
            try compressed(system, by: "xz", "-c", "--check=crc32"),
        ] {
            #expect(try InitramfsModules(microcode + last).names == ["virtio_blk", "ext4"])
        }
    }

    @Test("are not known where the form is another, or the end is missing")
    func unknown() {
        #expect(throws: InitramfsError.unknownForm) { try InitramfsModules(Array("BZh91AY".utf8)) }
        let whole = archive(["a.ko"])
        #expect(throws: InitramfsError.truncated) { try InitramfsModules(Array(whole.dropLast(8))) }
    }

    @Test("lack what the kernel has as a module and they have not")
    func missing() throws {
        let top = FilePath("/tmp/bcvk-initramfs-tests-\(UInt32.random(in: .min ... .max))")
        defer { try? Files.removeTree(top) }
        let modules = top.appending("usr/lib/modules/1")
        try Files.createDirectories(modules)
        try Files.writeAtomically("kernel/virtio_blk.ko:\nkernel/ext4.ko:\n", to: modules.appending("modules.dep"))
        try Files.writeAtomically("kernel/virtio_pci.ko\n", to: modules.appending("modules.builtin"))
        let tree = try RootDirectory(top)
        func missing(_ files: [String]) throws -> [String] {
            try InitramfsModules(archive(files)).missing(forDiskOf: "1", in: tree, fileSystem: "ext4")
        }
        #expect(try missing(["lib/ext4.ko.zst"]) == ["virtio_blk"])
        #expect(try missing(["lib/ext4.ko.zst", "lib/virtio_blk.ko.zst"]) == [])
    }
}
