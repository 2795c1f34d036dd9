internal import ContainerImage

/// A globally unique identifier (RFC 9562, called UUID there). On disk its first three fields are little-endian in a
/// partition table (UEFI specification, appendix A), and big-endian in Linux's file systems.
public struct GUID: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The sixteen bytes in the order of the text.
    package let bytes: [UInt8]

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads the form with four hyphens, in either case; nil for anything else.
    public init?(_ text: String) {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
        let digits = Array(groups.joined())
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 32, by: 2) {
            guard let high = digits[index].hexDigitValue, let low = digits[index + 1].hexDigitValue else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        self.bytes = bytes
    }

    /// A random one (version 4).
    public static func random() -> GUID {
        GUID(versioned: (0..<16).map { _ in UInt8.random(in: .min ... .max) }, version: 4)
    }

    /// One that is always the same for the same text (version 8: SHA-256 in place of version 5's SHA-1).
    public static func derived(from text: String) -> GUID {
        let digits = Array(Digest.sha256(text.utf8).hex.utf8.prefix(32))
        let values = digits.map { $0 < 0x60 ? $0 - 0x30 : $0 - 0x61 + 10 }
        return GUID(versioned: (0..<16).map { values[2 * $0] << 4 | values[2 * $0 + 1] }, version: 8)
    }

    private init(versioned bytes: [UInt8], version: UInt8) {
        var bytes = bytes
        bytes[6] = bytes[6] & 0x0F | version << 4
        bytes[8] = bytes[8] & 0x3F | 0x80
        self.bytes = bytes
    }

    /// As partition tables have it.
    var mixedEndian: [UInt8] { Self.swapped(bytes) }

    /// Reads what partition tables have.
    init(mixedEndian bytes: [UInt8]) {
        self.bytes = Self.swapped(bytes)
    }

    private static func swapped(_ bytes: [UInt8]) -> [UInt8] {
        bytes[0..<4].reversed() + bytes[4..<6].reversed() + bytes[6..<8].reversed() + bytes[8..<16]
    }

    /// The form with four hyphens, in lower case.
    public var description: String {
        let digits = bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = GUID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text) is no UUID")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
