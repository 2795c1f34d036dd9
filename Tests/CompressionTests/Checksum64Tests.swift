import Compression
import Testing

@Suite("A checksum")
struct Checksum64Tests {
    @Test("is that of CRC-64/XZ")
    func known() {
        #expect(Checksum64.of(Array("123456789".utf8)) == 0x995D_C9BB_DF19_39FA)
    }

    @Test("takes zeros that it does not see", arguments: [0, 1, 7, 8, 4096, 1_048_579])
    func zeros(count: Int) {
        let (before, after) = (Array("before".utf8), Array("after".utf8))
        var checksum = Checksum64()
        before.withUnsafeBytes { checksum.update($0) }
        checksum.updateZeros(Int64(count))
        after.withUnsafeBytes { checksum.update($0) }
        #expect(checksum.value == Checksum64.of(before + [UInt8](repeating: 0, count: count) + after))
    }

    @Test("takes more of them than could be read")
    func manyZeros() {
        var (once, twice) = (Checksum64(), Checksum64())
        once.updateZeros(1 << 62)
        twice.updateZeros(1 << 61)
        twice.updateZeros(1 << 61)
        #expect(once.value == twice.value)
    }
}
