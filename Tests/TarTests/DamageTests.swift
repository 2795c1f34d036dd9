import Compression
import Tar
import TarFixtures
import Testing

@Suite("Damaged archives")
struct DamageTests {
    private var sample: [UInt8] {
        var builder = TarBuilder()
        builder.add("first", "0", "text")
        builder.add("second", "0", String(repeating: "x", count: 1000))
        return builder.finished
    }

    @Test("name the entry in which they end", arguments: [(600, "first"), (1024 + 512 + 700, "second"), (300, "")])
    func truncated(length: Int, name: String) {
        #expect(throws: TarError.truncated(after: name)) { try list(Array(sample[..<length])) }
    }

    @Test("end in the middle of a header after the entry before it")
    func truncatedHeader() {
        #expect(throws: TarError.truncated(after: "first")) { try list(Array(sample[..<1100])) }
    }

    @Test("end after an extended header that nothing follows")
    func danglingHeader() {
        var builder = TarBuilder()
        builder.add("file")
        builder.pax(["path": "lost"])
        #expect(throws: TarError.truncated(after: "file")) { try list(builder.finished) }
    }

    @Test("may lack the zero blocks at the end")
    func noEndMark() throws {
        #expect(try list(Array(sample.dropLast(1024))).map(\.name) == ["first", "second"])
        #expect(try list([]).isEmpty)
    }

    @Test("are found by the checksum of their headers")
    func checksum() {
        var bytes = sample
        bytes[3] ^= 1
        #expect(throws: TarError.badChecksum(after: "")) { try list(bytes) }
        #expect(throws: TarError.badChecksum(after: "")) { try list([UInt8](repeating: 0x41, count: 2048)) }
    }

    @Test("are refused for numbers that are none", arguments: [100, 108, 116, 124, 136])
    func numbers(offset: Int) {
        #expect(throws: TarError.self) {
            try only { $0.add("file") { $0.patches = [(offset, Array("zzz".utf8))] } }
        }
    }

    @Test("are refused for sizes below zero or beyond all files")
    func sizes() {
        for value in [TarBuilder.base256(-1, 12), TarBuilder.base256(Int.min, 12), [UInt8](repeating: 0xBF, count: 12)]
        {
            #expect(throws: TarError.self) { try only { $0.add("file") { $0.patches = [(124, value)] } } }
        }
        // The largest number that there is: an end that comes too early, and no overflow.
        #expect(throws: TarError.truncated(after: "file")) {
            try only { $0.add("file") { $0.patches = [(124, TarBuilder.base256(Int.max, 12))] } }
        }
    }

    @Test("are refused for extended headers that would fill the memory", arguments: ["x", "g", "L", "K"])
    func hugeHeader(type: Character) {
        var header = TarBuilder.Header("huge")
        header.type = type
        header.isGNU = true
        header.size = 1 << 33
        var builder = TarBuilder()
        builder.add(header)
        #expect(throws: TarError.tooLargeHeader(entry: "")) { try list(builder.finished) }
    }

    @Test("are refused for entries of an unknown type")
    func unknownType() {
        #expect(throws: TarError.unsupportedEntry(type: UInt8(ascii: "V"), entry: "label")) {
            try only { $0.add("label", "V") }
        }
    }

    @Test("keep their place when entries without content say a size")
    func sizesOfOthers() throws {
        var builder = TarBuilder()
        for type in ["1", "2", "5", "6"] as [Character] {
            builder.add("entry\(type)", type, link: "x") { $0.size = 512 }
        }
        builder.add("last", "0", "text")
        #expect(try list(builder.finished).map(\.name) == ["entry1", "entry2", "entry5", "entry6", "last"])
    }

    @Test("keep their place when a file's name ends like a directory's")
    func fileWithSlash() throws {
        var builder = TarBuilder()
        builder.add("dir/", "0", "content of a directory")
        builder.add("last", "0", "text")
        #expect(try list(builder.finished).map(\.name) == ["dir/", "last"])
    }
}
