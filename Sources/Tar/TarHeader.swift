/// A header block as it stands in the archive (POSIX.1-1988 ustar, GNU tar and the older form).
struct TarHeader {
    static let size = 512
    let bytes: [UInt8]

    /// The text of a field, up to its first zero.
    func text(_ range: Range<Int>) -> [UInt8] {
        Array(bytes[range].prefix { $0 != 0 })
    }

    var type: UInt8 { bytes[156] }
    var name: [UInt8] { text(0..<100) }
    var linkName: [UInt8] { text(157..<257) }
    /// "ustar" and a zero: only then the last field is a prefix of the name.
    var isPOSIX: Bool { bytes[257..<263].elementsEqual([0x75, 0x73, 0x74, 0x61, 0x72, 0x00]) }
    /// "ustar" and two spaces.
    var isGNU: Bool { bytes[257..<265].elementsEqual([0x75, 0x73, 0x74, 0x61, 0x72, 0x20, 0x20, 0x00]) }
    var prefix: [UInt8] { isPOSIX ? text(345..<500) : [] }
    var isZero: Bool { bytes.allSatisfy { $0 == 0 } }

    /// The name with its prefix.
    var path: [UInt8] { prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name }

    /// Whether the checksum is right; old programs summed signed bytes.
    var hasValidChecksum: Bool {
        guard let stored = Self.number(bytes[148..<156]) else { return false }
        // The field itself counts as blanks.
        var unsigned: Int64 = 8 * 0x20
        var signed: Int64 = 8 * 0x20
        func add(_ part: ArraySlice<UInt8>) {
            for byte in part {
                unsigned += Int64(byte)
                signed += Int64(Int8(bitPattern: byte))
            }
        }
        add(bytes[..<148])
        add(bytes[156...])
        return stored == unsigned || stored == signed
    }

    /// A numeric field: octal text, or GNU's base 256 with the first bit set. nil when it is neither.
    static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        guard let first = field.first else { return nil }
        if first & 0x80 != 0 { return base256(field) }
        var value: Int64 = 0
        var digits = 0
        for byte in field.drop(while: { $0 == 0x20 || $0 == 0 }) {
            if byte == 0x20 || byte == 0 { break }
            guard (0x30...0x37).contains(byte), value >> 60 == 0 else { return nil }
            value = value << 3 | Int64(byte - 0x30)
            digits += 1
        }
        return value
    }

    /// Two's complement, most significant byte first; the mark is the highest bit, the next one is the sign.
    private static func base256(_ field: ArraySlice<UInt8>) -> Int64? {
        let isNegative = (field.first ?? 0) & 0x40 != 0
        var value: Int64 = isNegative ? -1 : 0
        for (index, byte) in field.enumerated() {
            let part = index == 0 ? (isNegative ? byte | 0x80 : byte & 0x7F) : byte
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 256)
            guard !overflow else { return nil }
            value = shifted | Int64(part)
            if index == 0 { value = isNegative ? Int64(Int8(bitPattern: part)) : Int64(part) }
        }
        return value
    }
}
