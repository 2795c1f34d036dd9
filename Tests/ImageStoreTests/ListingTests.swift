import ImageStore
import LinuxSystem
import Testing

@Suite("The listing of a layer")
struct ListingTests {
    private func entry(_ path: String, size: Int64 = 0, content: UInt64 = 0) -> ListedEntry {
        ListedEntry(
            path: RawName(path.utf8), mode: 0o100644, owner: 1, group: 2, size: size, modifiedSeconds: -5,
            modifiedNanoseconds: 999_999_999, device: 3, content: content, attributes: .max, linkGroup: 4)
    }

    private func listing(_ entries: [ListedEntry]) -> LayerListing {
        var listing = LayerListing()
        listing.entries = entries
        listing.diskBytes = 1 << 40
        listing.changes = 7
        return listing
    }

    @Test("is read as it was written")
    func roundTrip() throws {
        let written = listing([entry("."), entry("a\nb", size: 1 << 41, content: .max), entry("\u{1}")])
        let read = try #require(LayerListing(decoding: written.encoded()))
        #expect(read.entries == written.entries)
        #expect(read.diskBytes == written.diskBytes)
        #expect(read.changes == 7)
    }

    @Test("is not read when it is damaged")
    func damaged() {
        let bytes = listing([entry("a")]).encoded()
        for count in [0, 5, 21, 30, bytes.count - 1] { #expect(LayerListing(decoding: Array(bytes[..<count])) == nil) }
        #expect(LayerListing(decoding: bytes + [0]) == nil)
    }

    @Test("tells what is missing, what is new and what is different")
    func differences() {
        let expected = listing([entry("a"), entry("b"), entry("c", size: 1), entry("e")])
        let found = listing([entry("b"), entry("c", size: 2), entry("d")])
        #expect(
            found.differences(from: expected).map { "\($0.path) \($0.what)" } == [
                "a is missing", "c has 2 bytes in place of 1", "d should not be there", "e is missing",
            ])
        #expect(expected.differences(from: expected).isEmpty)
    }
}
