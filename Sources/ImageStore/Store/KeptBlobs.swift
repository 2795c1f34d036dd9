internal import ContainerImage
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Blobs that were fetched but not yet unpacked, since something came between. The next fetch does not ask for them again; they
/// are verified like any other when they are unpacked.
struct KeptBlobs {
    let layout: StoreLayout

    /// What the directories are called in which images are fetched.
    static let sourceName = "source"

    private var directory: FilePath { layout.blobs.appending("sha256") }

    /// Takes over what killed processes have fetched.
    func collect() throws {
        try TemporaryDirectory.clean(layout, only: Self.sourceName) { try adopt(from: $0) }
    }

    /// Takes over what a directory has, in which images are fetched.
    func adopt(from temporary: FilePath) throws {
        let blobs = temporary.appending("layout/blobs/sha256")
        guard Files.exists(blobs) else { return }
        let source = try OwnedDescriptor(opening: blobs, .readOnly, options: [.directory, .noFollow])
        for entry in try source.rawEntries(subject: blobs.string) where entry.kind == .regular {
            var status = stat()
            let found = entry.name.withCString { fstatat(source.raw, $0, &status, AT_SYMLINK_NOFOLLOW) }
            // A file without blocks stands for a blob that was not fetched.
            guard found == 0, status.st_blocks > 0, Digest("sha256:\(entry.name)") != nil else { continue }
            let target = directory.appending(entry.name.description).string
            guard entry.name.withCString({ renameat(source.raw, $0, AT_FDCWD, target) }) == 0 else {
                throw SystemError("keep", target)
            }
        }
    }

    /// Forgets blobs; those that are not there are no error.
    func remove(_ digests: [Digest]) throws(SystemError) {
        for digest in digests where digest.algorithm == .sha256 {
            let path = directory.appending(digest.hex).string
            guard unlink(path) == 0 || errno == ENOENT else { throw SystemError("remove", path) }
        }
    }

    /// Every blob, with its size in bytes.
    func all() throws -> [(digest: Digest, size: Int64)] {
        guard Files.exists(directory) else { return [] }
        return try RootDirectory(directory).entries("/").compactMap { entry in
            guard let digest = Digest("sha256:\(entry.name)") else { return nil }
            return (digest, try OwnedDescriptor(opening: directory.appending(entry.name), .readOnly).status().size)
        }
    }
}
