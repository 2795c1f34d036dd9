/// A file or a link that is put into the guest's root before its init runs. Directories on its way are made.
public struct GuestFile: Sendable, Equatable {
    /// What it is.
    public enum Content: Sendable, Equatable {
        /// A regular file with these bytes.
        case bytes([UInt8])
        /// A symbolic link with this target.
        case link([UInt8])
    }

    /// Its absolute path in the guest.
    public var path: String
    /// What it is.
    public var content: Content
    /// Whether others than root may read it.
    public var isPublic: Bool

    /// A file at a path; what is there already is replaced.
    public init(path: String, content: Content, isPublic: Bool) {
        self.path = path
        self.content = content
        self.isPublic = isPublic
    }

    public static func == (left: GuestFile, right: GuestFile) -> Bool {
        left.path.bytes == right.path.bytes && left.content == right.content && left.isPublic == right.isPublic
    }

    /// The path begins a file; what follows belongs to it.
    func write(to writer: inout LineWriter) {
        writer.add("file", path)
        switch content {
        case .bytes(let bytes): writer.add("file-content", bytes)
        case .link(let target): writer.add("file-link", target)
        }
        if isPublic { writer.add("file-public", "yes") }
    }
}

extension [GuestFile] {
    /// Takes a line of a file; any other is passed over.
    mutating func take(_ key: ArraySlice<UInt8>, _ value: [UInt8], line: Int) throws(GuestConfigurationError) {
        if key.isText("file") {
            append(GuestFile(path: text(value), content: .bytes([]), isPublic: false))
            return
        }
        let isContent = key.isText("file-content")
        let isLink = key.isText("file-link")
        guard isContent || isLink || key.isText("file-public") else { return }
        guard let last = indices.last else { throw .invalidValue(line: line) }
        if isContent {
            self[last].content = .bytes(value)
        } else if isLink {
            self[last].content = .link(value)
        } else {
            self[last].isPublic = value.isText("yes")
        }
    }
}
