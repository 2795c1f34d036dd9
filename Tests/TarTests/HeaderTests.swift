import Tar
import TarFixtures
import Testing

@Suite("Tar headers")
struct HeaderTests {
    @Test("tell the kinds of entries")
    func kinds() throws {
        var builder = TarBuilder()
        builder.add("file", "0", "text")
        builder.add("old-file") { $0.patches = [(156, [0])] }
        builder.add("contiguous", "7", "x")
        builder.add("hard", "1", link: "file")
        builder.add("soft", "2", link: "/abs/olute")
        builder.add("char", "3") { ($0.major, $0.minor) = (5, 1) }
        builder.add("block", "4") { ($0.major, $0.minor) = (254, 77) }
        builder.add("dir/", "5")
        builder.add("old-dir/") { $0.patches = [(156, [0])] }
        builder.add("fifo", "6")
        let found = try list(builder.finished)
        #expect(
            found.map(\.entry.kind) == [
                .file, .file, .file, .hardLink, .symbolicLink, .characterDevice, .blockDevice, .directory, .directory,
                .fifo,
            ])
        #expect(found[0].text == "text")
        #expect(found[3].entry.linkTarget == Array("file".utf8))
        #expect(found[4].entry.linkTarget == Array("/abs/olute".utf8))
        #expect((found[5].entry.deviceMajor, found[5].entry.deviceMinor) == (5, 1))
        #expect((found[6].entry.deviceMajor, found[6].entry.deviceMinor) == (254, 77))
    }

    @Test("hold mode, owner, group and time")
    func numbers() throws {
        let entry = try only {
            $0.add("setuid") { ($0.mode, $0.owner, $0.group, $0.modified) = (0o104755, 1000, 65534, 1_234_567_890) }
        }.entry
        #expect(entry.mode == 0o4755)
        #expect((entry.owner, entry.group) == (1000, 65534))
        #expect((entry.modifiedSeconds, entry.modifiedNanoseconds) == (1_234_567_890, 0))
    }

    @Test("may have numbers in base 256, negative times too")
    func base256() throws {
        let entry = try only {
            $0.add("big") {
                $0.patches = [
                    (108, TarBuilder.base256(3_000_000_000, 8)), (116, TarBuilder.base256(0x7FFF_FFFF, 8)),
                    (136, TarBuilder.base256(-86400, 12)),
                ]
            }
        }.entry
        #expect((entry.owner, entry.group) == (3_000_000_000, 0x7FFF_FFFF))
        #expect(entry.modifiedSeconds == -86400)
    }

    @Test(
        "may fill number fields to the last byte, or pad them with spaces",
        arguments: ["00000000012", "         12 ", "12\0       "])
    func paddedNumbers(field: String) throws {
        let found = try only {
            $0.add("file", "0", "ten bytes.") { $0.patches = [(124, Array((field + "\0").utf8.prefix(12)))] }
        }
        #expect(found.content.count == 10)
    }

    @Test("divide long names into a prefix and a name")
    func prefix() throws {
        let found = try only { $0.add("name") { $0.prefix = Array("a/long/prefix".utf8) } }
        #expect(found.name == "a/long/prefix/name")
        let gnu = try only {
            $0.add("name") {
                $0.isGNU = true
                $0.prefix = Array("not a name".utf8)
            }
        }
        #expect(gnu.name == "name")
    }

    @Test("may have names of exactly a hundred bytes, without a zero after them")
    func fullName() throws {
        let name = String(repeating: "n", count: 100)
        #expect(try only { $0.add(name) }.name == name)
    }

    @Test("hold names that are no text")
    func rawNames() throws {
        let name: [UInt8] = [0xFF, 0xFE, 0x2F, 0xC3, 0x28]
        let entry = try only { $0.add(TarBuilder.Header(bytes: name)) }.entry
        #expect(entry.path == name)
    }

    @Test("may be preceded by GNU's long names")
    func gnuLong() throws {
        let name = [UInt8](repeating: 0xE9, count: 300)
        let target = Array(String(repeating: "t/", count: 200).utf8)
        let entry = try only {
            $0.gnuLong(target, type: "K")
            $0.gnuLong(name)
            $0.add("short", "2", link: "shorter")
        }.entry
        #expect(entry.path == name)
        #expect(entry.linkTarget == target)
    }

    @Test("may have a checksum of signed bytes, as old programs made it")
    func signedChecksum() throws {
        var header = TarBuilder.Header(bytes: [0xFF, 0xFE])
        header.size = 0
        var block = header.block(contentSize: 0)
        for index in 148..<156 { block[index] = 0x20 }
        let sum = block.reduce(0) { $0 + Int(Int8(bitPattern: $1)) }
        block.replaceSubrange(148..<155, with: TarBuilder.octal(sum, 7))
        #expect(try list(block + [UInt8](repeating: 0, count: 1024)).count == 1)
    }
}
