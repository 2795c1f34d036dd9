import Machine
import Testing

@Suite("A size as people write it")
struct ByteSizeTests {
    @Test(
        "is read with binary units, fractions and both spellings",
        arguments: [
            ("512M", 512 << 20), ("4G", 4 << 30), ("1.5GiB", 3 << 29), ("1k", 1024), ("2TB", 2 << 40), ("100B", 100),
            ("2048", 2048 << 20),
        ] as [(String, UInt64)])
    func reads(text: String, bytes: UInt64) {
        #expect(ByteSize(text, bareUnit: 1 << 20)?.bytes == bytes)
    }

    @Test(
        "is refused when it is none",
        arguments: ["", "G", "-1G", "1X", "1.2.3G", "4 G", "1e99G", "99999999999999999999"])
    func refuses(text: String) {
        #expect(ByteSize(text, bareUnit: 1) == nil)
    }

    @Test("is shown in a unit that fits", arguments: [(512, "512 bytes"), (1536, "1.5 KiB"), (2 << 30, "2 GiB")])
    func shows(bytes: Int, text: String) {
        #expect(ByteSize(bytes: UInt64(bytes)).description == text)
    }

    @Test("rounds up to whole MiB")
    func roundsUp() {
        #expect(ByteSize(bytes: (3 << 20) + 1).mebibytes == 4)
    }
}
