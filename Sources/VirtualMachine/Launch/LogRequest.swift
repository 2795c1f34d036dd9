/// Files that grow with a machine's streams and outlive it.
public struct LogRequest: Sendable, Hashable {
    /// What the guest writes to its console; nil for a file in the machine's directory.
    public var console: String?
    /// The journal of the booted system, an object of JSON for every entry.
    public var journal: String?
    /// The journal of the image's initramfs; with bcvk's own there is none, since no systemd runs in it.
    public var initramfsJournal: String?

    /// Nothing is kept.
    public init() {}
}
