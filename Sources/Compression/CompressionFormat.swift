/// How a stream is compressed. The first bytes say it; media types and file names lie.
public enum CompressionFormat: String, Sendable, Hashable {
    case none, gzip, zstd, xz

    /// How many bytes are looked at.
    public static let magicLength = 6

    /// The format of a stream that begins with these bytes.
    public init(magic bytes: some Collection<UInt8>) {
        let start = Array(bytes.prefix(Self.magicLength))
        if start.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) || Self.isSkippableFrame(start) {
            self = .zstd
        } else if start.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
            self = .xz
        } else {
            self = .none
        }
    }

    /// zstd streams may begin with a frame of somebody's own data (RFC 8878, 3.1.2).
    private static func isSkippableFrame(_ start: [UInt8]) -> Bool {
        start.count >= 4 && (0x50...0x5F).contains(start[0]) && start[1] == 0x2A && start[2] == 0x4D && start[3] == 0x18
    }
}
