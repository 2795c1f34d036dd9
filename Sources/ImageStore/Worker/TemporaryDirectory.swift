internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A directory for unfinished work. It is locked as long as this object lives; a killed process leaves it unlocked, and
/// then the next one that comes by removes it.
final class TemporaryDirectory: Sendable {
    let path: FilePath
    private let lock: OwnedDescriptor

    init(_ layout: StoreLayout, name: String) throws(SystemError) {
        // Whoever cleans up holds this lock alone, so it never sees a directory that is made but not yet locked.
        let gate = try FileLock.shared(layout.temporaryLock, wait: true)
        defer { withExtendedLifetime(gate) {} }
        var pattern = Array("\(layout.temporary.appending(name).string)-XXXXXX".utf8CString)
        guard mkdtemp(&pattern) != nil else { throw SystemError("create directory", layout.temporary.string) }
        path = FilePath(String(decoding: pattern.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        lock = try OwnedDescriptor(opening: path, .readOnly, options: [.directory])
        guard flock(lock.raw, LOCK_EX | LOCK_NB) == 0 else { throw SystemError("lock", path.string) }
    }

    /// Removes it with everything in it.
    func remove() throws(SystemError) {
        try Files.removeTree(path)
    }

    /// Makes the finished directory visible under its final name. When somebody else has put the same there, ours is
    /// removed.
    func publish(as final: FilePath) throws(SystemError) {
        if clinux_rename_new(path.string, final.string) == 0 { return }
        guard errno == EEXIST || errno == ENOTEMPTY else { throw SystemError("rename to", final.string) }
        try remove()
    }

    /// Takes something published out of sight at once, and then removes it. What is not there is no error.
    static func discard(_ published: FilePath, _ layout: StoreLayout) throws(SystemError) {
        let place = try TemporaryDirectory(layout, name: "removed")
        let result = rename(published.string, place.path.appending("it").string)
        guard result == 0 || errno == ENOENT else { throw SystemError("remove", published.string) }
        try place.remove()
    }

    /// Removes what killed processes have left.
    /// - Parameters:
    ///   - name: looks only for directories that were made under this name.
    ///   - body: is shown each before it goes.
    static func clean(
        _ layout: StoreLayout, only name: String? = nil, _ body: (FilePath) throws -> Void = { _ in }
    ) throws {
        var abandoned: [(FilePath, OwnedDescriptorBox)] = []
        do {
            guard let gate = try FileLock.exclusive(layout.temporaryLock, wait: false) else { return }
            defer { withExtendedLifetime(gate) {} }
            for entry in try RootDirectory(layout.temporary).entries("/") where entry.kind == .directory {
                if let name, !entry.name.hasPrefix("\(name)-") { continue }
                let path = layout.temporary.appending(entry.name)
                let directory = try OwnedDescriptor(opening: path, .readOnly, options: [.directory, .noFollow])
                if flock(directory.raw, LOCK_EX | LOCK_NB) == 0 {
                    abandoned.append((path, OwnedDescriptorBox(directory)))
                }
            }
        }
        for (path, _) in abandoned {
            try body(path)
            try Files.removeTree(path)
        }
    }

    private final class OwnedDescriptorBox {
        let descriptor: OwnedDescriptor
        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    }
}
