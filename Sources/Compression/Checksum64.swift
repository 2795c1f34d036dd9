internal import CISAL

/// CRC-64/XZ (ECMA-182, reflected), by ISA-L with the processor's carry-less multiplication: finds damage, not malice.
public struct Checksum64: Sendable {
    /// Of what has passed; 0 of nothing.
    public private(set) var value: UInt64 = 0

    /// A checksum of nothing yet.
    public init() {}

    /// Takes in a piece.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        value = crc64_ecma_refl(value, start.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
    }

    /// Takes in so many zero bytes without having them: holes of files may be larger than all that could be read.
    public mutating func updateZeros(_ count: Int64) {
        var register = ~value
        var step = ZeroStep.byte
        var left = count
        while left > 0 {
            if left & 1 == 1 { register = step.apply(to: register) }
            left >>= 1
            if left > 0 { step = step.squared }
        }
        value = ~register
    }

    /// Of bytes in memory.
    public static func of(_ bytes: [UInt8]) -> UInt64 {
        var checksum = Checksum64()
        bytes.withUnsafeBytes { checksum.update($0) }
        return checksum.value
    }
}
