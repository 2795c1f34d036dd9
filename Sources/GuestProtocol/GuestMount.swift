/// A file system of the kernel's on a place of the kernel's own: below /dev, /sys or /run.
public struct GuestMount: Sendable, Equatable {
    /// What is mounted; only a name, for most.
    public var source: String
    /// Its absolute path.
    public var place: String
    /// The file system's type.
    public var type: String
    /// As mount(8) takes them, separated by commas.
    public var options: String
    /// A unit that has nothing left to do when this is mounted; nil for none.
    public var loader: String?

    /// A mount.
    public init(source: String, place: String, type: String, options: String, loader: String?) {
        self.source = source
        self.place = place
        self.type = type
        self.options = options
        self.loader = loader
    }

    public static func == (left: GuestMount, right: GuestMount) -> Bool {
        left.source.bytes == right.source.bytes && left.place.bytes == right.place.bytes
            && left.type.bytes == right.type.bytes && left.options.bytes == right.options.bytes
            && (left.loader ?? "").bytes == (right.loader ?? "").bytes
    }

    /// The place begins a mount; what follows belongs to it.
    func write(to writer: inout LineWriter) {
        writer.add("mount", place)
        writer.add("mount-source", source)
        writer.add("mount-type", type)
        writer.add("mount-options", options)
        if let loader { writer.add("mount-loader", loader) }
    }
}

extension [GuestMount] {
    /// Takes a line of a mount.
    /// - Returns: whether it was one.
    mutating func take(_ key: ArraySlice<UInt8>, _ value: [UInt8], line: Int) throws(GuestConfigurationError) -> Bool {
        if key.isText("mount") {
            append(GuestMount(source: "", place: text(value), type: "", options: "", loader: nil))
            return true
        }
        guard key.starts(with: "mount-".utf8) else { return false }
        guard let last = indices.last else { throw .invalidValue(line: line) }
        if key.isText("mount-source") {
            self[last].source = text(value)
        } else if key.isText("mount-type") {
            self[last].type = text(value)
        } else if key.isText("mount-options") {
            self[last].options = text(value)
        } else if key.isText("mount-loader") {
            self[last].loader = text(value)
        }
        return true
    }
}
