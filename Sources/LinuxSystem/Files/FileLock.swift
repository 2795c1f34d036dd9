internal import Glibc
public import SystemPackage

/// An advisory lock (flock(2)) on a file of its own, held while this object lives and gone with the process.
public final class FileLock: Sendable {
    private let descriptor: OwnedDescriptor

    private init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }

    /// The locked file: a child that inherits it holds the lock together with us, and after us.
    public var inheritable: Int32 { descriptor.raw }

    /// The lock for one holder. nil means that somebody holds it (only without `wait`).
    public static func exclusive(_ path: FilePath, wait: Bool) throws(SystemError) -> FileLock? {
        try take(path, LOCK_EX, wait: wait)
    }

    /// The lock that many may hold together. nil means that somebody holds the exclusive one (only without `wait`).
    public static func shared(_ path: FilePath, wait: Bool) throws(SystemError) -> FileLock? {
        try take(path, LOCK_SH, wait: wait)
    }

    private static func take(_ path: FilePath, _ kind: Int32, wait: Bool) throws(SystemError) -> FileLock? {
        while true {
            let file = try OwnedDescriptor(opening: path, .readWrite, options: [.create, .noFollow])
            while flock(file.raw, wait ? kind : kind | LOCK_NB) != 0 {
                if errno == EINTR { continue }
                guard errno == EWOULDBLOCK else { throw SystemError("lock", path.string) }
                // A child that has not come to its exec yet may have a lock that was let go here.
                if ForkWindow.alone({ flock(file.raw, kind | LOCK_NB) }) == 0 { break }
                if errno == EWOULDBLOCK { return nil }
            }
            // The file may have been removed while we waited: a lock on a name that is gone excludes nobody.
            var held = stat()
            var named = stat()
            if fstat(file.raw, &held) == 0, lstat(path.string, &named) == 0, held.st_ino == named.st_ino,
                held.st_dev == named.st_dev
            {
                return FileLock(file)
            }
        }
    }
}
