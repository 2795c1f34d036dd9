/// The cyclic redundancy checks of disk formats, both reflected and bitwise inverted at both ends.
package enum CRC32 {
    /// ISO 3309's, which GPT uses (UEFI specification, 5.3.2).
    package static func iso(_ bytes: some Sequence<UInt8>) -> UInt32 { ~update(~0, bytes, isoTable) }

    /// Castagnoli's, which ext4 uses, without the inversions: ext4 chains it over several pieces.
    package static func castagnoli(_ seed: UInt32, _ bytes: some Sequence<UInt8>) -> UInt32 {
        update(seed, bytes, castagnoliTable)
    }

    private static let isoTable = table(0xEDB8_8320)
    private static let castagnoliTable = table(0x82F6_3B78)

    private static func table(_ polynomial: UInt32) -> [UInt32] {
        (0..<256).map { index in
            (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ polynomial }
        }
    }

    private static func update(_ seed: UInt32, _ bytes: some Sequence<UInt8>, _ table: [UInt32]) -> UInt32 {
        bytes.reduce(seed) { value, byte in value >> 8 ^ table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] }
    }
}
