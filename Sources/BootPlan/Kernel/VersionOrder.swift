/// The order of versions (UAPI Group, "Version Format Specification"): numbers by value, letters by ASCII, `~` before
/// everything, `^` after the end, `-` before `.`.
public enum VersionOrder {
    /// Whether the left version is older than the right one.
    public static func isOlder(_ left: String, _ right: String) -> Bool {
        compare(Array(left.utf8)[...], Array(right.utf8)[...]) < 0
    }

    private static func compare(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
        var left = left.drop(while: { !isValid($0) })
        var right = right.drop(while: { !isValid($0) })
        while true {
            for mark in [UInt8(ascii: "~")] where left.first == mark || right.first == mark {
                if left.first != mark { return 1 }
                if right.first != mark { return -1 }
                return compare(left.dropFirst(), right.dropFirst())
            }
            if left.isEmpty || right.isEmpty { return left.isEmpty ? (right.isEmpty ? 0 : -1) : 1 }
            for mark in Array("-^.".utf8) where left.first == mark || right.first == mark {
                if left.first != mark { return 1 }
                if right.first != mark { return -1 }
                return compare(left.dropFirst(), right.dropFirst())
            }
            if isDigit(left.first) || isDigit(right.first) {
                let one = takeNumber(&left)
                let other = takeNumber(&right)
                if one.count != other.count { return one.count < other.count ? -1 : 1 }
                if one != other { return one.lexicographicallyPrecedes(other) ? -1 : 1 }
            } else {
                let one = takeLetters(&left)
                let other = takeLetters(&right)
                if one != other { return one.lexicographicallyPrecedes(other) ? -1 : 1 }
            }
            left = left.drop(while: { !isValid($0) })
            right = right.drop(while: { !isValid($0) })
        }
    }

    private static func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
    private static func isValid(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLetter(byte) || "~-^.".utf8.contains(byte)
    }

    /// The digits at the front, without leading zeros: longer is larger.
    private static func takeNumber(_ text: inout ArraySlice<UInt8>) -> [UInt8] {
        let digits = text.prefix { isDigit($0) }
        text = text.dropFirst(digits.count)
        return Array(digits.drop { $0 == 0x30 })
    }

    private static func takeLetters(_ text: inout ArraySlice<UInt8>) -> [UInt8] {
        let letters = text.prefix { isLetter($0) }
        text = text.dropFirst(letters.count)
        return Array(letters)
    }
}
