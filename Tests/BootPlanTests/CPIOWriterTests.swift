import BootPlan
import Glibc
import LinuxSystem
import SystemPackage
import Testing

@Suite("A cpio archive")
struct CPIOWriterTests {
    private func archive() -> [UInt8] {
        var writer = CPIOWriter()
        writer.file("a/b/file", Array("hello".utf8), mode: 0o755)
        writer.link("a/link", to: "b/file")
        writer.directory("a/b")
        writer.finish()
        return writer.bytes
    }

    @Test("has the form that the kernel reads, and a length that another may follow")
    func form() {
        let bytes = archive()
        #expect(bytes.starts(with: "070701".utf8))
        #expect(bytes.count % 4 == 0)
        #expect(String(decoding: bytes, as: UTF8.self).contains("TRAILER!!!"))
    }

    @Test("is the same each time")
    func deterministic() {
        #expect(archive() == archive())
    }

    @Test("is read by cpio as it was meant", .enabled(if: ProgramSearch.find("cpio") != nil))
    func program() throws {
        var program = ChildProgram(try #require(ProgramSearch.find("cpio")), ["-itv", "--quiet"])
        program.input = archive()
        let result = try program.run()
        let lines = result.text.split(separator: "\n")
        #expect(lines.count == 4, "\(result.text)")
        #expect(lines.contains { $0.hasPrefix("-rwxr-xr-x") && $0.hasSuffix("a/b/file") })
        #expect(lines.contains { $0.hasPrefix("l") && $0.hasSuffix("a/link -> b/file") })
    }
}
