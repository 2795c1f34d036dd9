import Compression
import Tar
import TarFixtures
import Testing

@Suite("PAX headers")
struct PAXTests {
    @Test("override names, owners and times")
    func overriding() throws {
        let entry = try only {
            $0.pax([
                "path": "in/the/pax/header", "linkpath": "over/there", "uid": "70000", "gid": "70001",
                "mtime": "1700000000.123456789", "comment": "nothing",
            ])
            $0.add("short", "2", link: "here")
        }.entry
        #expect(entry.name == "in/the/pax/header")
        #expect(entry.linkTarget == Array("over/there".utf8))
        #expect((entry.owner, entry.group) == (70000, 70001))
        #expect((entry.modifiedSeconds, entry.modifiedNanoseconds) == (1_700_000_000, 123_456_789))
    }

    @Test(
        "give times with any number of digits, before the epoch too",
        arguments: [
            ("12", 12, 0), ("12.5", 12, 500_000_000), ("12.1234567891", 12, 123_456_789), ("-1", -1, 0),
            ("-1.25", -2, 750_000_000), ("0.000000001", 0, 1),
        ] as [(String, Int64, Int64)])
    func times(text: String, seconds: Int64, nanoseconds: Int64) throws {
        let entry = try only {
            $0.pax(["mtime": text])
            $0.add("file")
        }.entry
        #expect((entry.modifiedSeconds, entry.modifiedNanoseconds) == (seconds, nanoseconds))
    }

    @Test("hold for one entry; global ones for all that follow, unless overridden")
    func scope() throws {
        var builder = TarBuilder()
        builder.pax(["uid": "7", "gid": "8"], type: "g")
        builder.pax(["uid": "9", "path": "renamed"])
        builder.add("one")
        builder.add("two")
        let found = try list(builder.finished)
        #expect(found.map(\.name) == ["renamed", "two"])
        #expect(found.map(\.entry.owner) == [9, 7])
        #expect(found.map(\.entry.group) == [8, 8])
    }

    @Test("win against GNU's long names")
    func againstGNU() throws {
        let found = try only {
            $0.gnuLong(Array("gnu".utf8))
            $0.pax(["path": "pax"])
            $0.add("ustar")
        }
        #expect(found.name == "pax")
    }

    @Test("carry extended attributes, with zero bytes and equals signs in them")
    func attributes() throws {
        let value: [UInt8] = [1, 0, 0, 2, 0x3D, 0x0A, 0xFF]
        let entry = try only {
            $0.pax([
                ("SCHILY.xattr.security.capability", value), ("SCHILY.xattr.user.a=b", Array("c".utf8)),
                ("LIBARCHIVE.xattr.user.%6eame", Array("AQAAAj0K/w".utf8)),
            ])
            $0.add("file")
        }.entry
        // The first "=" ends the key: an attribute's name cannot have one.
        #expect(entry.attributes.first == TarAttribute(name: Array("security.capability".utf8), value: value))
        #expect(entry.attributes.last == TarAttribute(name: Array("user.name".utf8), value: value))
        #expect(entry.attributes.count == 3)
    }

    @Test("take an attribute that stands there in both forms once")
    func attributeTwice() throws {
        let entry = try only {
            $0.pax(["SCHILY.xattr.user.x": "abc", "LIBARCHIVE.xattr.user.x": "YWJj"])
            $0.add("file")
        }.entry
        #expect(entry.attributes == [TarAttribute(name: Array("user.x".utf8), value: Array("abc".utf8))])
    }

    @Test("override the size for reading and for skipping, so that content is never taken for entries")
    func size() throws {
        // The header says 0 bytes; whoever believes it takes the content for the next entry.
        var inner = TarBuilder()
        inner.add("smuggled", "0", "evil")
        var builder = TarBuilder()
        builder.pax(["size": "\(inner.bytes.count)"])
        var header = TarBuilder.Header("outer")
        header.size = 0
        builder.add(header, inner.bytes)
        builder.add("after", "0", "x")
        let found = try list(builder.finished)
        #expect(found.map(\.name) == ["outer", "after"])
        #expect(found[0].content == inner.bytes)
    }

    @Test("override the size when the content is passed over unread")
    func sizeSkipping() throws {
        var inner = TarBuilder()
        inner.add("smuggled", "0", "evil")
        var builder = TarBuilder()
        builder.pax(["size": "\(inner.bytes.count)"])
        var header = TarBuilder.Header("outer")
        header.size = 0
        builder.add(header, inner.bytes)
        builder.add("after", "0", "x")
        var reader = TarReader(MemorySource(builder.finished))
        #expect(try reader.next()?.name == "outer")
        #expect(try reader.next()?.name == "after")
        #expect(try reader.next() == nil)
    }

    @Test(
        "are refused when they are malformed",
        arguments: [
            "12 path=x\n", "999 path=x\n", "x path=x\n", "10 path=abcd", "6 path\n", "0 a=b\n", "-5 a=b\n",
            "9 path=x\n\n", "5 =b\n", "99999999999999999999 a=b\n",
        ])
    func malformed(records: String) {
        var builder = TarBuilder()
        builder.add("pax", "x", records)
        builder.add("file")
        #expect(throws: TarError.self) { try list(builder.finished) }
    }

    @Test(
        "are refused when a number is none, or a name has a zero byte",
        arguments: [
            ("size", "-1"), ("size", "9223372036854775808"), ("size", ""), ("uid", "1x"), ("mtime", "soon"),
            ("mtime", "1.x"),
            ("path", "a\0b"), ("linkpath", "a\0b"), ("LIBARCHIVE.xattr.user.x", "*"),
        ])
    func malformedValues(key: String, value: String) {
        var builder = TarBuilder()
        builder.pax([(key, Array(value.utf8))])
        builder.add("file")
        #expect(throws: TarError.self) { try list(builder.finished) }
    }
}
