/// What a number of zero bits does to the register of CRC-64/XZ: a matrix over GF(2), as the register's bit of each place alone
/// becomes by it (zlib combines checksums in this way).
struct ZeroStep: Sendable {
    private let columns: [UInt64]

    /// ECMA-182's polynomial, the lowest power first.
    private static let polynomial: UInt64 = 0xC96C_5795_D787_0F42

    /// One zero byte.
    static let byte = bit.squared.squared.squared

    private static let bit = ZeroStep(columns: [polynomial] + (0..<63).map { 1 << UInt64($0) })

    func apply(to register: UInt64) -> UInt64 {
        var (left, result): (UInt64, UInt64) = (register, 0)
        while left != 0 {
            result ^= columns[left.trailingZeroBitCount]
            left &= left - 1
        }
        return result
    }

    /// Twice as many bits.
    var squared: ZeroStep { ZeroStep(columns: columns.map(apply(to:))) }
}
