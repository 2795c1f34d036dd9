/// The sections of a PE file (Microsoft PE format), as unified kernel images carry their parts in (UAPI Group, UKI
/// specification). Only places in the file are read out; every one is checked to be inside it.
public struct PESections: Sendable, Hashable {
    /// Name and place of each section, in the file's order.
    public let sections: [(name: String, range: Range<Int>)]

    /// How many bytes from the start hold all headers.
    public static let headerLength = 64 << 10

    /// Reads the headers of a file of a given size; nil when it is no PE file or its headers are damaged.
    public init?(header bytes: [UInt8], fileSize: Int) {
        func number(_ offset: Int, _ length: Int) -> Int? {
            guard offset >= 0, offset + length <= bytes.count else { return nil }
            return (0..<length).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        guard bytes.starts(with: "MZ".utf8), let start = number(0x3C, 4), start + 24 <= bytes.count,
            bytes[start..<(start + 4)].elementsEqual([0x50, 0x45, 0, 0]),
            let count = number(start + 6, 2), let optional = number(start + 20, 2)
        else { return nil }
        var sections: [(name: String, range: Range<Int>)] = []
        for index in 0..<count {
            let entry = start + 24 + optional + index * 40
            guard entry + 40 <= bytes.count, let virtualSize = number(entry + 8, 4),
                let rawSize = number(entry + 16, 4),
                let offset = number(entry + 20, 4)
            else { return nil }
            // The raw size is rounded up to the file's alignment; the virtual size is the content's own.
            let size = virtualSize == 0 ? rawSize : min(virtualSize, rawSize)
            guard offset + size <= fileSize else { return nil }
            let name = String(decoding: bytes[entry..<(entry + 8)].prefix { $0 != 0 }, as: UTF8.self)
            sections.append((name, offset..<(offset + size)))
        }
        self.sections = sections
    }

    /// The first section of a name.
    public subscript(_ name: String) -> Range<Int>? {
        sections.first { $0.name == name }?.range
    }

    public static func == (left: PESections, right: PESections) -> Bool {
        left.sections.elementsEqual(right.sections) { $0 == $1 }
    }

    public func hash(into hasher: inout Hasher) {
        for section in sections {
            hasher.combine(section.name)
            hasher.combine(section.range)
        }
    }
}
