import Compression
import Testing

/// The same two contents in every format, made by the formats' own programs.
struct CompressedSample: Sendable, CustomTestStringConvertible {
    let format: CompressionFormat
    /// `text`, compressed.
    let short: [UInt8]
    /// `zeros`, compressed.
    let long: [UInt8]

    static let text = Array("one layer of text\none layer of text\none layer of text\n".utf8)
    static let zeros = [UInt8](repeating: 0, count: 300 << 10)

    static let all = [gzip, zstd, xz]

    static let gzip = CompressedSample(
        format: .gzip,
        short: hex("1f8b0800000000000203cbcf4b55c849ac4c2d52c84f532849ad28e1ca27420400d13c367b36000000"),
        long: hex(
            """
            1f8b0800000000000203edc1010d000000c2a0f74f6d0e37a000000000000000000000000000000000000000000000000000\
            0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
            0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
            0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
            0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
            0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
            00000000000000000000000000000000000000000000e0cf0096c0ec8200b00400
            """))

    static let zstd = CompressedSample(
        format: .zstd,
        short: hex("28b52ffd0468c50000906f6e65206c61796572206f6620746578740a01001639c374a2a191"),
        long: hex("28b52ffd04684c000008000100fcff3910020200100003800500abd74f15"))

    static let xz = CompressedSample(
        format: .xz,
        short: hex(
            """
            fd377a585a000004e6d6b446020021011c00000010cf58cce0003500195d00379b88ce769a6d7152e1be58e52cad28989bff\
            58e71e09e000000000002a5d0da1012905bd0001353604e20d4d1fb6f37d010000000004595a
            """),
        long: hex(
            """
            fd377a585a000004e6d6b446020021011c00000010cf58cce4afff00715d00006ffdffffa3b7ff473e481572396151b89228\
            e6a38607f9eee41e82d32fc53a3c014bb17ec98a8a4d2fa30dd97fa6e38c231153e05918c5758ae277f8b6947f0c6ac0de74\
            4964e2e95c53b204d8f7440cab5f0d6d46e9e5c37688b79657acb64de1691d6ffb4b88106c42c06a7d10000000000000bf08\
            af6ab11db8af00018d0180e0120023ec5460b1c467fb020000000004595a
            """))

    var testDescription: String { format.rawValue }

    private static func hex(_ text: String) -> [UInt8] {
        let digits = text.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
