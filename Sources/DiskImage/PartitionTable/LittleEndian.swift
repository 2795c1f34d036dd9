/// Numbers in the byte order of all PC disk formats.
extension [UInt8] {
    /// Appends a number, its lowest byte first.
    package mutating func append(little number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    /// Puts a number in the place of what is there.
    package mutating func replace(at offset: Int, little number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { bytes in
            for (index, byte) in bytes.enumerated() { self[offset + index] = byte }
        }
    }

    /// Reads a number.
    package func little<Number: FixedWidthInteger>(_: Number.Type, at offset: Int) -> Number {
        (0..<(Number.bitWidth / 8)).reduce(0) { $0 | Number(truncatingIfNeeded: self[offset + $1]) << (8 * $1) }
    }

    /// Zeros up to a length.
    mutating func pad(to length: Int) {
        if count < length { append(contentsOf: repeatElement(0, count: length - count)) }
    }
}
