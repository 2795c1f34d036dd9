internal import CLinux
public import SystemPackage

/// Tells when one of some files has grown (inotify(7)), once for each time that it was added.
public struct FileWatch: ~Copyable {
    private let watch: OwnedDescriptor

    /// A watch of nothing.
    public init() throws(SystemError) {
        let number = clinux_watch()
        guard number >= 0 else { throw SystemError("create", "file watch") }
        watch = OwnedDescriptor(owning: number)
    }

    /// Readable when a file has been written to.
    public var descriptor: Int32 { watch.raw }

    /// Watches a file until it is written to; false where there is none.
    @discardableResult
    public func addOnce(_ path: FilePath) -> Bool { clinux_watch_once(watch.raw, path.string) >= 0 }

    /// Takes what has been told.
    public func drain() { clinux_drain(watch.raw) }
}
