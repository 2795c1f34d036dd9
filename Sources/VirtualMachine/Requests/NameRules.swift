/// What names on the command line may be.
enum NameRules {
    /// Letters, digits and `._-`, as file names and serial numbers that need no quoting anywhere.
    static func isPlain(_ name: some StringProtocol, atMost limit: Int) -> Bool {
        (1...limit).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy { isLetterOrDigit($0) || "._-".utf8.contains($0) }
    }

    /// A name of a variable (POSIX, "Environment Variable Definition").
    static func isVariable(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") }
    }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Whether a text can be one line of a file: no control characters.
    static func isOneLine(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }
    }
}
