/// What an entry of an archive stands for.
public enum TarEntryKind: Sendable, Hashable {
    case file, hardLink, symbolicLink, characterDevice, blockDevice, directory, fifo
}

/// A stretch of a sparse file that holds data; everything between is zero.
public struct TarExtent: Sendable, Hashable {
    /// Where it stands in the file.
    public var offset: Int64
    /// How long it is; may be 0 at the file's end.
    public var length: Int64
}

/// One entry of an archive, extended headers applied. Names are bytes: nothing promises an encoding.
public struct TarEntry: Sendable, Hashable {
    /// The path as it stands in the archive.
    public var path: [UInt8] = []
    /// What it is.
    public var kind = TarEntryKind.file
    /// The target of a link.
    public var linkTarget: [UInt8] = []
    /// Permission, setuid, setgid and sticky bits.
    public var mode: UInt32 = 0
    /// Numeric user id.
    public var owner: UInt32 = 0
    /// Numeric group id.
    public var group: UInt32 = 0
    /// The file's length in bytes, holes included.
    public var size: Int64 = 0
    /// How many bytes of content follow in the archive.
    public var storedSize: Int64 = 0
    /// Seconds since the epoch.
    public var modifiedSeconds: Int64 = 0
    /// Nanoseconds in the second.
    public var modifiedNanoseconds: Int64 = 0
    /// A device's major number.
    public var deviceMajor: UInt32 = 0
    /// A device's minor number.
    public var deviceMinor: UInt32 = 0
    /// Extended attributes, in the archive's order.
    public var attributes: [TarAttribute] = []
    /// Where the stored bytes of a sparse file go; nil for an ordinary one.
    public var extents: [TarExtent]?

    /// The path as text, for messages.
    public var name: String { String(decoding: path, as: UTF8.self) }
}

/// An extended attribute.
public struct TarAttribute: Sendable, Hashable {
    /// Its name with the name space: `security.capability`.
    public var name: [UInt8]
    /// Its value.
    public var value: [UInt8]

    /// An attribute.
    public init(name: [UInt8], value: [UInt8]) {
        self.name = name
        self.value = value
    }
}
