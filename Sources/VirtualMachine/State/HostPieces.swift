public import Machine

/// A directory of this host in a guest, as records show it.
public struct SharedDirectory: Sendable, Hashable, Codable {
    /// The host's directory.
    public var directory: String
    /// Where it is in the guest.
    public var guestPath: String
    /// Whether the guest may not write it.
    public var isReadOnly: Bool

    enum CodingKeys: String, CodingKey {
        case directory
        case guestPath = "guest_path"
        case isReadOnly = "read_only"
    }
}

/// A file of this host that is a disk of a guest, as records show it.
public struct AttachedDisk: Sendable, Hashable, Codable {
    /// The host's file.
    public var file: String
    /// The disk's serial number.
    public var name: String
    /// What the file holds.
    public var format: Drive.Format
}
