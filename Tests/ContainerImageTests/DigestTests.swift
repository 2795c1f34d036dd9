import ContainerImage
import Testing

@Suite("Digests")
struct DigestTests {
    private static let sha256 = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
    private static let sha512 = "sha512:" + String(repeating: "0123456789abcdef", count: 8)

    @Test("are an algorithm and its lower-case hexadecimal value", arguments: [sha256, sha512])
    func wellFormed(text: String) {
        #expect(Digest(text)?.description == text)
    }

    @Test(
        "are nothing else, least of all a path",
        arguments: [
            "", "sha256", "sha256:", ":", String(sha256.dropLast()), sha256 + "0", sha256.uppercased(),
            "sha256:" + String(repeating: "Z", count: 64), "md5:d41d8cd98f00b204e9800998ecf8427e",
            "sha256:../../../../etc/passwd", "sha256:" + String(repeating: "../", count: 21) + "x", "../" + sha256,
            sha256 + "/..", " " + sha256, sha256 + "\n", "sha256:" + String(repeating: "é", count: 32),
            "sha256:" + String(repeating: "0", count: 63) + "\u{0}", sha256.replacing(":", with: "::"),
        ])
    func malformed(text: String) {
        #expect(Digest(text) == nil)
    }

    @Test("are those of FIPS 180-4's example")
    func value() {
        #expect(
            Digest.sha256(Array("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        var hasher = DigestHasher(.sha512)
        Array("a".utf8).withUnsafeBytes { hasher.update($0) }
        Array("bc".utf8).withUnsafeBytes { hasher.update($0) }
        #expect(hasher.finish().hex.hasPrefix("ddaf35a193617abacc417349ae204131"))
    }
}
