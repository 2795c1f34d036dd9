/// A machine's name: it becomes its directory, its host name and its process title.
public struct MachineName: Sendable, Hashable, CustomStringConvertible {
    /// The name.
    public let text: String

    /// A host name label (RFC 1123): letters, digits and inner hyphens, at most 63; nil for anything else.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let isAllowed = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        let hyphen = UInt8(ascii: "-")
        guard (1...63).contains(bytes.count), isAllowed, bytes.first != hyphen, bytes.last != hyphen else { return nil }
        self.text = text
    }

    /// A new name, unlikely to be taken: `vm-`, or another beginning, and eight hexadecimal digits.
    public static func random(prefix: String = "vm") -> MachineName {
        let digits = String(UInt32.random(in: .min ... .max), radix: 16)
        let name = prefix + "-" + String(repeating: "0", count: 8 - digits.count) + digits
        return MachineName(unchecked: name)
    }

    private init(unchecked text: String) {
        self.text = text
    }

    public var description: String { text }
}
