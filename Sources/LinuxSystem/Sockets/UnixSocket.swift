internal import CLinux
internal import Glibc
public import SystemPackage

/// Unix stream sockets.
public enum UnixSocket {
    /// Listens on a path that must not exist; only the owner may connect.
    public static func listen(_ path: FilePath, backlog: Int32 = 16) throws(SystemError) -> OwnedDescriptor {
        let number = clinux_unix_listen(path.string, backlog)
        guard number >= 0 else { throw SystemError("listen on", path.string) }
        return OwnedDescriptor(owning: number)
    }

    /// Connects to a listening path.
    public static func connect(_ path: FilePath) throws(SystemError) -> OwnedDescriptor {
        let number = clinux_unix_connect(path.string)
        guard number >= 0 else { throw SystemError("connect to", path.string) }
        return OwnedDescriptor(owning: number)
    }
}
