internal import CLinux
internal import Glibc
public import LinuxSystem
public import SystemPackage

/// What the cache's file system can keep of an image's files, as it has been tried there.
public struct StoreTrial: Sendable, Hashable {
    /// The cache's directory.
    public var directory: FilePath
    /// The file system that it is on.
    public var fileSystem: FileSystemFacts
    /// A file can have several names: trees are put together so.
    public var hasHardLinks = false
    /// Names that differ in case only are two names.
    public var tellsCaseApart = false
    /// Files keep extended attributes.
    public var hasAttributes = false
    /// A file's mode is kept, setuid bits too.
    public var keepsModes = false

    /// A trial by its outcome.
    public init(directory: FilePath, fileSystem: FileSystemFacts) {
        self.directory = directory
        self.fileSystem = fileSystem
    }
}

extension ImageStore {
    /// Makes the cache's directories, as every command does that uses it, and tries there what unpacking takes.
    /// - Throws: `StoreError.cacheUnusable`.
    public func tryOut() throws -> StoreTrial {
        try layout.prepare()
        do {
            var trial = StoreTrial(
                directory: layout.directory, fileSystem: try FileSystemFacts(of: layout.directory))
            let place = try TemporaryDirectory(layout, name: "trial")
            do {
                try Self.tryFiles(in: place.path, &trial)
            } catch {
                try place.remove()
                throw error
            }
            try place.remove()
            return trial
        } catch let failure as SystemError {
            throw StoreError.cacheUnusable(layout.directory.string, reason: "\(failure)")
        }
    }

    private static func tryFiles(in place: FilePath, _ trial: inout StoreTrial) throws {
        let file = place.appending("file")
        try Files.writeAtomically("content", to: file)
        trial.hasHardLinks = link(file.string, place.appending("link").string) == 0
        trial.tellsCaseApart = !Files.exists(place.appending("FILE"))
        let directory = try OwnedDescriptor(opening: place, .readOnly, options: [.directory])
        trial.hasAttributes = clinux_set_attribute(directory.raw, "file", "user.bcvk", "1", 1) == 0
        var status = stat()
        trial.keepsModes =
            chmod(file.string, 0o4751) == 0 && stat(file.string, &status) == 0 && status.st_mode & 0o7777 == 0o4751
    }
}
