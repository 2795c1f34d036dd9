internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A directory of a tree through which several threads go: open for as long as one of those in it waits for its turn.
final class WalkedDirectory: Sendable {
    /// Below the root of the walk.
    let path: LayerPath
    private let descriptor: OwnedDescriptor
    var raw: Int32 { descriptor.raw }

    private init(_ path: LayerPath, _ descriptor: consuming OwnedDescriptor) {
        self.path = path
        self.descriptor = descriptor
    }

    /// A directory that waits for its turn: the one with the name, or the directory itself.
    struct Waiting: Sendable {
        fileprivate let directory: WalkedDirectory
        fileprivate let name: RawName?

        func open() throws(SystemError) -> WalkedDirectory {
            guard let name else { return directory }
            let path = directory.path.appending(name)
            let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
            let number = name.withCString { openat(directory.raw, $0, flags) }
            guard number >= 0 else { throw SystemError("open", path.description) }
            return WalkedDirectory(path, OwnedDescriptor(owning: number))
        }
    }

    /// Where a walk begins.
    static func root(_ path: FilePath) throws(SystemError) -> Waiting {
        let descriptor = try OwnedDescriptor(opening: path, .readOnly, options: [.directory])
        return Waiting(directory: WalkedDirectory(LayerPath.root, descriptor), name: nil)
    }

    /// One of its directories.
    func waiting(_ name: RawName) -> Waiting { Waiting(directory: self, name: name) }

    /// Its names.
    func entries() throws(SystemError) -> [RawEntry] {
        try descriptor.rawEntries(subject: path.description)
    }

    /// What one of its names is; links are not followed.
    func status(_ name: RawName) throws(SystemError) -> stat {
        var status = stat()
        guard name.withCString({ fstatat(raw, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw SystemError("stat", path.appending(name).description)
        }
        return status
    }
}
