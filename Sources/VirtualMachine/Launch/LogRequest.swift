internal import Glibc
internal import LinuxSystem
public import SystemPackage

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

    /// Streams in a directory, as `console.txt`, `journal.json` and `journal-initrd.json`. The directory and its files are made now, so
    /// that who reads them need not wait for them; what an earlier machine has left in them goes.
    public init(directory: FilePath, console: Bool, journal: Bool) throws {
        try Files.createDirectories(directory, mode: 0o755)
        // QEMU and later commands may have another working directory.
        guard let resolved = realpath(directory.string, nil) else { throw SystemError("find", directory.string) }
        defer { free(resolved) }
        let absolute = FilePath(platformString: resolved)
        func file(_ name: String) throws -> String {
            let path = absolute.appending(name)
            _ = try OwnedDescriptor(
                opening: path, .writeOnly, options: [.create, .truncate],
                mode: [.ownerReadWrite, .groupRead, .otherRead])
            return path.string
        }
        if console { self.console = try file("console.txt") }
        if journal {
            self.journal = try file("journal.json")
            initramfsJournal = try file("journal-initrd.json")
        }
    }
}
