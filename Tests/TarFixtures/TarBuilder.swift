/// Writes tar archives for tests, honest ones and others: every field can be set to what no honest program writes.
public struct TarBuilder {
    /// One header's fields, as they go into the block.
    public struct Header {
        public var name: [UInt8]
        public var type: Character = "0"
        public var mode = 0o644
        public var owner = 0
        public var group = 0
        /// nil means the content's length.
        public var size: Int?
        public var modified = 1_600_000_000
        public var link: [UInt8] = []
        public var major = 0
        public var minor = 0
        public var prefix: [UInt8] = []
        /// GNU's magic instead of POSIX's.
        public var isGNU = false
        /// Bytes to put at places of the finished block, before its checksum is made.
        public var patches: [(offset: Int, bytes: [UInt8])] = []

        public init(_ name: String) { self.name = Array(name.utf8) }
        public init(bytes: [UInt8]) { name = bytes }

        public func block(contentSize: Int) -> [UInt8] {
            var block = [UInt8](repeating: 0, count: 512)
            func put(_ bytes: [UInt8], _ offset: Int, _ length: Int) {
                for (index, byte) in bytes.prefix(length).enumerated() { block[offset + index] = byte }
            }
            put(name, 0, 100)
            put(TarBuilder.octal(mode, 8), 100, 8)
            put(TarBuilder.octal(owner, 8), 108, 8)
            put(TarBuilder.octal(group, 8), 116, 8)
            put(TarBuilder.octal(size ?? contentSize, 12), 124, 12)
            put(TarBuilder.octal(modified, 12), 136, 12)
            put(Array(String(type).utf8), 156, 1)
            put(link, 157, 100)
            put(Array((isGNU ? "ustar  \0" : "ustar\u{0}00").utf8), 257, 8)
            put(TarBuilder.octal(major, 8), 329, 8)
            put(TarBuilder.octal(minor, 8), 337, 8)
            put(prefix, 345, 155)
            for patch in patches { put(patch.bytes, patch.offset, 512 - patch.offset) }
            for index in 148..<156 { block[index] = 0x20 }
            put(TarBuilder.octal(block.reduce(0) { $0 + Int($1) }, 7), 148, 7)
            return block
        }
    }

    /// The archive so far.
    public private(set) var bytes: [UInt8] = []

    /// The owner of entries that do not say another.
    public var owner = 0
    public var group = 0

    public init() {}

    /// The archive with the two zero blocks at its end.
    public var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

    /// Adds bytes as they are.
    public mutating func raw(_ more: [UInt8]) { bytes += more }

    /// Adds an entry.
    public mutating func add(_ header: Header, _ content: [UInt8] = []) {
        bytes += header.block(contentSize: content.count) + content
        bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    /// Adds an entry of a type, with changes of the header.
    public mutating func add(
        _ name: String, _ type: Character = "0", _ content: String = "", link: String = "",
        _ change: (inout Header) -> Void = { _ in }
    ) {
        var header = Header(name)
        header.type = type
        header.link = Array(link.utf8)
        (header.owner, header.group) = (owner, group)
        if type == "5" { header.mode = 0o755 }
        if type == "2" { header.mode = 0o777 }
        change(&header)
        add(header, Array(content.utf8))
    }

    /// Adds a PAX header for the next entry ("x"), or for all that follow ("g").
    public mutating func pax(_ records: [(String, [UInt8])], type: Character = "x") {
        add(Self.header("pax", type), records.flatMap { Self.record($0.0, $0.1) })
    }

    /// Adds a PAX header whose values are text.
    public mutating func pax(_ records: KeyValuePairs<String, String>, type: Character = "x") {
        pax(records.map { ($0.key, Array($0.value.utf8)) }, type: type)
    }

    /// Adds GNU's long name ("L") or long link target ("K") for the next entry.
    public mutating func gnuLong(_ text: [UInt8], type: Character = "L") {
        add(Self.header("././@LongLink", type), text + [0])
    }

    /// A record with its own length in front.
    public static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let body = Array(" \(key)=".utf8) + value + [0x0A]
        var length = body.count + 1
        while "\(length)".utf8.count + body.count != length { length += 1 }
        return Array("\(length)".utf8) + body
    }

    /// An octal field with a zero byte at its end.
    public static func octal(_ value: Int, _ width: Int) -> [UInt8] {
        let digits = Array(String(value, radix: 8).utf8)
        return [UInt8](repeating: 0x30, count: max(0, width - 1 - digits.count)) + digits + [0]
    }

    /// A field in base 256.
    public static func base256(_ value: Int, _ width: Int) -> [UInt8] {
        var field = (0..<width).reversed().map { index in
            index < 8 ? UInt8(truncatingIfNeeded: value >> (index * 8)) : value < 0 ? 0xFF : 0
        }
        field[0] |= 0x80
        return field
    }

    private static func header(_ name: String, _ type: Character) -> Header {
        var header = Header(name)
        header.type = type
        header.isGNU = type == "L" || type == "K"
        return header
    }
}
