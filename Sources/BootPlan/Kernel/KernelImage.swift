/// What the first bytes of a kernel say of it.
public struct KernelImage: Sendable, Hashable {
    /// Which machine it is for, as `uname -m` names it.
    public let architecture: String
    /// Its release; nil where the format does not tell.
    public let release: String?

    /// How many bytes from the start have to be there.
    public static let headerLength = 64 << 10

    /// Reads a bzImage (Linux/x86 boot protocol), or an arm64 Image, plain or as an EFI zboot image. nil for anything else.
    public init?(header bytes: [UInt8]) {
        if Self.matches(bytes, at: 0x202, "HdrS") {
            architecture = "x86_64"
            release = Self.bzImageRelease(bytes)
        } else if Self.matches(bytes, at: 0x38, "ARMd") {
            architecture = "aarch64"
            release = nil
        } else if Self.matches(bytes, at: 0, "MZ"), Self.matches(bytes, at: 4, "zimg"), bytes.count > 0x40 {
            // The machine field of the PE header, whose place is told at 0x3c.
            let header = Int(bytes[0x3C]) | Int(bytes[0x3D]) << 8
            guard header + 6 <= bytes.count else { return nil }
            architecture = bytes[header + 4] == 0x64 && bytes[header + 5] == 0xAA ? "aarch64" : "unknown"
            release = nil
        } else {
            return nil
        }
    }

    /// The header has the place of a text `RELEASE (builder) …`, counted from the second sector.
    private static func bzImageRelease(_ bytes: [UInt8]) -> String? {
        guard bytes.count > 0x210 else { return nil }
        let start = (Int(bytes[0x20E]) | Int(bytes[0x20F]) << 8) + 0x200
        guard start > 0x200, start < bytes.count else { return nil }
        let text = bytes[start...].prefix { $0 != 0 && $0 != 0x20 }
        return text.isEmpty || text.count > 128 ? nil : String(decoding: text, as: UTF8.self)
    }

    private static func matches(_ bytes: [UInt8], at offset: Int, _ text: String) -> Bool {
        bytes.count >= offset + text.utf8.count && bytes[offset..<(offset + text.utf8.count)].elementsEqual(text.utf8)
    }
}
