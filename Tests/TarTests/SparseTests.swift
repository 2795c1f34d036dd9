import Compression
import Tar
import TarFixtures
import Testing

@Suite("Sparse files in archives")
struct SparseTests {
    /// "abc" at 0 and "de" at 1,000,000 of a file of 2,000,000 bytes, in every form.
    enum Form: CaseIterable, Sendable {
        case oldGNU, pax00, pax01, pax10
    }

    private func write(_ form: Form, to builder: inout TarBuilder) {
        switch form {
        case .oldGNU:
            let map = [0, 3, 1_000_000, 2, 2_000_000, 0].flatMap { TarBuilder.octal($0, 12) }
            builder.add("sparse", "S", "abcde") {
                $0.isGNU = true
                $0.patches = [(386, map), (483, TarBuilder.octal(2_000_000, 12))]
            }
        case .pax00:
            builder.pax([
                "GNU.sparse.size": "2000000", "GNU.sparse.numblocks": "2", "GNU.sparse.offset": "0",
                "GNU.sparse.numbytes": "3", "GNU.sparse.offset": "1000000", "GNU.sparse.numbytes": "2",
            ])
            builder.add("sparse", "0", "abcde")
        case .pax01:
            builder.pax([
                "GNU.sparse.size": "2000000", "GNU.sparse.numblocks": "2", "GNU.sparse.name": "sparse",
                "GNU.sparse.map": "0,3,1000000,2",
            ])
            builder.add("GNUSparseFile.1/sparse", "0", "abcde")
        case .pax10:
            builder.pax([
                "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "sparse",
                "GNU.sparse.realsize": "2000000",
            ])
            let map = "2\n0\n3\n1000000\n2\n"
            builder.add(
                "GNUSparseFile.1/sparse", "0", map + String(repeating: "\0", count: 512 - map.utf8.count) + "abcde")
        }
    }

    @Test("are read in every form", arguments: Form.allCases)
    func forms(form: Form) throws {
        var builder = TarBuilder()
        write(form, to: &builder)
        builder.add("after", "0", "x")
        let found = try list(builder.finished)
        #expect(found.map(\.name) == ["sparse", "after"])
        #expect(found[0].entry.kind == .file)
        #expect(found[0].entry.size == 2_000_000)
        #expect(found[0].text == "abcde")
        let extents = try #require(found[0].entry.extents).filter { $0.length > 0 }
        #expect(extents.map(\.offset) == [0, 1_000_000])
        #expect(extents.map(\.length) == [3, 2])
    }

    @Test("are passed over in every form", arguments: Form.allCases)
    func skipping(form: Form) throws {
        var builder = TarBuilder()
        write(form, to: &builder)
        builder.add("after", "0", "x")
        var reader = TarReader(MemorySource(builder.finished))
        #expect(try reader.next()?.name == "sparse")
        #expect(try reader.next()?.name == "after")
    }

    @Test("may be one hole")
    func hole() throws {
        let found = try only {
            $0.pax([
                "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "hole",
                "GNU.sparse.realsize": "4096",
            ])
            $0.add("x", "0", "1\n4096\n0\n" + String(repeating: "\0", count: 512 - 9))
        }
        #expect(found.entry.size == 4096)
        #expect(found.content.isEmpty)
    }

    @Test("may have a map that goes on in further blocks")
    func extendedMap() throws {
        // Four pairs in the header, twenty-one in a block.
        let pairs = (0..<30).map { ($0 * 100, 1) }
        func fields(_ range: Range<Int>) -> [UInt8] {
            pairs[range].flatMap { TarBuilder.octal($0.0, 12) + TarBuilder.octal($0.1, 12) }
        }
        var header = TarBuilder.Header("many")
        header.type = "S"
        header.isGNU = true
        header.size = 30
        header.patches = [(386, fields(0..<4)), (482, [1]), (483, TarBuilder.octal(3000, 12))]
        var builder = TarBuilder()
        builder.raw(header.block(contentSize: 30))
        builder.raw(fields(4..<25) + [1] + [UInt8](repeating: 0, count: 7))
        builder.raw(fields(25..<30) + [UInt8](repeating: 0, count: 512 - 120))
        builder.raw([UInt8](repeating: 0x61, count: 30) + [UInt8](repeating: 0, count: 482))
        builder.add("after")
        let found = try list(builder.finished)
        #expect(found.map(\.name) == ["many", "after"])
        #expect(found[0].entry.extents?.count == 30)
        #expect(found[0].content.count == 30)
    }

    @Test(
        "are refused when the map is not the file's",
        arguments: [
            "0,3,1,2",  // one over the other
            "1000000,2,0,3",  // out of order
            "0,3,1999999,2",  // beyond the end
            "0,3,1000000,1",  // less than is stored
            "0,3,1000000,200000",  // more than is stored
            "0,3,1000000",  // half a pair
            "0,3,-5,2", "0,9223372036854775807,1,2", "a,b",
        ])
    func badMaps(map: String) {
        var builder = TarBuilder()
        builder.pax(["GNU.sparse.size": "2000000", "GNU.sparse.map": map])
        builder.add("sparse", "0", "abcde")
        #expect(throws: TarError.self) { try list(builder.finished) }
    }

    @Test(
        "are refused when the map in front of the content is endless",
        arguments: ["9", "2\n0\n3\n", "99999999\n", "\n"])
    func endlessMap(start: String) {
        var builder = TarBuilder()
        builder.pax(["GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "4096"])
        builder.add("x", "0", start + String(repeating: "7", count: 1 << 20))
        #expect(throws: TarError.badSparseMap(entry: "x")) { try list(builder.finished) }
    }
}
