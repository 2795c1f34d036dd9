internal import Glibc
public import LinuxSystem
internal import SystemPackage

/// The ssh client's way to a machine's server, as its `ProxyCommand`.
///
/// The forwarded port accepts before the server does, and a client whose first connection fails gives up. This connects until a server
/// says its first line, and hands that very connection to the client (ssh_config(5), `ProxyUseFdpass`): no guest has to start a server
/// for a look at it.
public enum SSHConnector {
    /// How long a server may take that is said to be there.
    public static let seconds = 60

    /// The command for a port of 127.0.0.1, as the client's configuration takes it.
    public static func command(port: UInt16) throws(SystemError) -> String {
        let program = ShellQuoting.quoted(try ProgramSearch.ownExecutable().string)
        // The client expands percent signs.
        return program.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
            + " internal connect \(port)"
    }

    /// Connects and hands the connection over on a socket to the client, whose end ends this too.
    /// - Returns: whether a server answered.
    public static func main(port: UInt16, client: Int32) throws(SystemError) -> Bool {
        let start = ContinuousClock.now
        while true {
            let left = seconds * 1000 - Poller.milliseconds(since: start)
            if left <= 0 { return false }
            if let connection = try SSHBanner.connect(port: port, milliseconds: left, interruptions: [client]) {
                try UnixSocket.send(connection, over: client)
                return true
            }
            if try !Poller.wait([client], milliseconds: 30).isEmpty { return false }
        }
    }
}
