import BootPlan
import Testing

@Suite("A kernel's first bytes")
struct KernelImageTests {
    private func bzImage(release: String) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        bytes.replaceSubrange(0x202..<0x206, with: "HdrS".utf8)
        bytes[0x20F] = 0x06
        let text = Array("\(release) (builder) #1".utf8)
        bytes.replaceSubrange(0x800..<(0x800 + text.count), with: text)
        return bytes
    }

    @Test("of a bzImage tell machine and release")
    func bzImage() {
        let image = KernelImage(header: bzImage(release: "6.12.1-x"))
        #expect(image?.architecture == "x86_64" && image?.release == "6.12.1-x")
    }

    @Test("of an arm64 Image tell the machine")
    func arm() {
        var bytes = [UInt8](repeating: 0, count: 64)
        bytes.replaceSubrange(0x38..<0x3C, with: "ARMd".utf8)
        #expect(KernelImage(header: bytes)?.architecture == "aarch64")
    }

    @Test(
        "of anything else are no kernel's",
        arguments: [[], [0x4D], Array("MZ".utf8), [UInt8](repeating: 0, count: 4096)])
    func none(bytes: [UInt8]) {
        #expect(KernelImage(header: bytes) == nil)
    }

    @Test("may be damaged at any place without harm")
    func damaged() {
        let whole = bzImage(release: "6.1")
        for length in stride(from: 0, to: whole.count, by: 97) { _ = KernelImage(header: Array(whole.prefix(length))) }
    }
}

@Suite("A PE file's sections")
struct PESectionsTests {
    private func file(_ sections: [(String, size: UInt32, offset: UInt32)], count: UInt16? = nil) -> [UInt8] {
        func little(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        var bytes = [UInt8](repeating: 0, count: 0x80)
        bytes[0] = 0x4D
        bytes[1] = 0x5A
        bytes[0x3C] = 0x80
        let number = count ?? UInt16(sections.count)
        bytes += [0x50, 0x45, 0, 0, 0x64, 0x86, UInt8(number & 255), UInt8(number >> 8)]
        bytes += [UInt8](repeating: 0, count: 16)
        for section in sections {
            var name = Array(section.0.utf8)
            name += [UInt8](repeating: 0, count: 8 - name.count)
            bytes += name + little(section.size) + little(0) + little(section.size)
            bytes += little(section.offset) + [UInt8](repeating: 0, count: 16)
        }
        return bytes
    }

    @Test("are found by their names")
    func found() {
        let sections = PESections(header: file([(".linux", 1000, 4096), (".initrd", 10, 8192)]), fileSize: 9000)
        #expect(sections?[".linux"] == 4096..<5096)
        #expect(sections?[".initrd"] == 8192..<8202)
        #expect(sections?[".cmdline"] == nil)
    }

    @Test("that lie outside the file are refused")
    func outside() {
        #expect(PESections(header: file([(".linux", 1000, 4096)]), fileSize: 5000) == nil)
        #expect(PESections(header: file([(".linux", .max, .max)]), fileSize: 1 << 40) != nil)
        #expect(PESections(header: file([(".linux", 1, 1)], count: 500), fileSize: 9000) == nil)
    }

    @Test("of a file cut off anywhere are refused")
    func cut() {
        let whole = file([(".linux", 1000, 4096)])
        for length in 0..<whole.count {
            #expect(PESections(header: Array(whole.prefix(length)), fileSize: 9000) == nil)
        }
    }
}
