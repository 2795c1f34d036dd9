/// One step of a copy stream: the tree is walked, each name is a single component.
///
/// On the wire an entry's length in 4 bytes precedes it; a file's bytes follow its entry.
public enum CopyEntry: Sendable {
    /// A regular file of so many bytes.
    case file(CopyAttributes, size: UInt64)
    /// A directory; what is in it follows, up to its `leave`.
    case enter(CopyAttributes)
    /// The end of the directory that was entered last.
    case leave
    /// A symbolic link.
    case link(CopyAttributes, target: [UInt8])
    /// The end of the stream. A sender that fails ends without it.
    case end

    /// Appends the entry as it goes over the wire.
    public func append(to bytes: inout [UInt8]) {
        var writer = PayloadWriter()
        switch self {
        case .file(let attributes, let size):
            writer.add(UInt8(1))
            attributes.write(to: &writer)
            writer.add(size)
        case .enter(let attributes):
            writer.add(UInt8(2))
            attributes.write(to: &writer)
        case .leave: writer.add(UInt8(3))
        case .link(let attributes, let target):
            writer.add(UInt8(4))
            attributes.write(to: &writer)
            writer.add(target)
        case .end: writer.add(UInt8(5))
        }
        var head = PayloadWriter()
        head.add(UInt32(truncatingIfNeeded: writer.bytes.count))
        bytes.append(contentsOf: head.bytes)
        bytes.append(contentsOf: writer.bytes)
    }

    /// Reads an entry without its length.
    public init(_ bytes: [UInt8]) throws(FrameError) {
        var reader = PayloadReader(bytes)
        switch try reader.number(UInt8.self) {
        case 1: self = .file(try CopyAttributes(from: &reader), size: try reader.number())
        case 2: self = .enter(try CopyAttributes(from: &reader))
        case 3: self = .leave
        case 4: self = .link(try CopyAttributes(from: &reader), target: try reader.data())
        case 5: self = .end
        default: throw .malformed
        }
    }

    /// An entry that is longer is none: a name and a link target at most.
    public static let maximumLength = 16 << 10
}

/// What a copy keeps of a file.
public struct CopyAttributes: Sendable {
    /// The name, a single component, as the bytes that the file system has.
    public var name: [UInt8]
    /// The permission bits, with setuid, setgid and sticky.
    public var mode: UInt32
    /// The time of the last change: seconds since 1970, as a two's complement number.
    public var seconds: UInt64
    /// The nanoseconds of that time.
    public var nanoseconds: UInt32

    /// Attributes of a name.
    public init(name: [UInt8], mode: UInt32, seconds: UInt64, nanoseconds: UInt32) {
        self.name = name
        self.mode = mode
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Whether the name may be used: nothing that leads elsewhere.
    public var isSafe: Bool {
        let dot = UInt8(ascii: ".")
        if name.isEmpty || name.count > 255 { return false }
        if name.count == 1 && name[0] == dot { return false }
        if name.count == 2 && name[0] == dot && name[1] == dot { return false }
        for byte in name where byte == 0 || byte == UInt8(ascii: "/") { return false }
        return true
    }

    func write(to writer: inout PayloadWriter) {
        writer.add(name)
        writer.add(mode)
        writer.add(seconds)
        writer.add(nanoseconds)
    }

    init(from reader: inout PayloadReader) throws(FrameError) {
        name = try reader.data()
        mode = try reader.number()
        seconds = try reader.number()
        nanoseconds = try reader.number()
    }
}
