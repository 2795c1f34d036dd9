internal import CLinux
internal import Glibc
internal import Glibc
public import SystemPackage

/// Reads a file while it grows (inotify(7)).
public final class FileFollower {
    private let file: OwnedDescriptor
    private let watch: OwnedDescriptor
    private let name: String

    /// Follows a file from its beginning; it must exist.
    public init(_ path: FilePath) throws(SystemError) {
        name = path.string
        let number = clinux_watch_file(path.string)
        guard number >= 0 else { throw SystemError("watch", path.string) }
        watch = OwnedDescriptor(owning: number)
        file = try OwnedDescriptor(opening: path, .readOnly)
    }

    /// Readable when the file may have grown.
    public var descriptor: Int32 { watch.raw }

    /// What has been written since the last call; nothing is there when it returns nothing.
    public func read() throws(SystemError) -> [UInt8] {
        clinux_drain(watch.raw)
        // A log that was shortened has its last part, and what came since, at its beginning.
        let place = lseek(file.raw, 0, SEEK_CUR)
        if place > 0, try file.status().size < place { _ = lseek(file.raw, 0, SEEK_SET) }
        return try file.readToEnd(limit: .max / 2, subject: name)
    }
}
