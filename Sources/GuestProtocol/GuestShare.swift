/// A directory of the host that the guest mounts.
public struct GuestShare: Sendable, Equatable {
    /// Its virtiofs tag.
    public var tag: String
    /// Where it is mounted, as an absolute path of the guest.
    public var path: String
    /// Whether it is mounted read-only.
    public var isReadOnly: Bool

    /// A share at a place.
    public init(tag: String, path: String, isReadOnly: Bool) {
        self.tag = tag
        self.path = path
        self.isReadOnly = isReadOnly
    }

    public static func == (left: GuestShare, right: GuestShare) -> Bool {
        left.tag.bytes == right.tag.bytes && left.path.bytes == right.path.bytes
            && left.isReadOnly == right.isReadOnly
    }

    /// The tag begins a share; what follows belongs to it.
    func write(to writer: inout LineWriter) {
        writer.add("share", tag)
        writer.add("share-path", path)
        if isReadOnly { writer.add("share-read-only", "yes") }
    }
}

extension [GuestShare] {
    /// Takes a line of a share; false when it is none.
    mutating func take(
        _ key: ArraySlice<UInt8>, _ value: [UInt8], line: Int
    ) throws(GuestConfigurationError) -> Bool {
        if key.isText("share") {
            append(GuestShare(tag: text(value), path: "", isReadOnly: false))
            return true
        }
        let isPath = key.isText("share-path")
        guard isPath || key.isText("share-read-only") else { return false }
        guard let last = indices.last else { throw .invalidValue(line: line) }
        if isPath { self[last].path = text(value) } else { self[last].isReadOnly = value.isText("yes") }
        return true
    }
}
