/// How the host's ssh client is called for a machine.
public struct SSHCommand: Sendable, Hashable {
    /// The port of 127.0.0.1 that leads to the guest.
    public var port: UInt16
    /// The private key's file; empty for the keys that the user's agent and home have.
    public var key: String
    /// The user to log in as.
    public var user: String
    /// Options of the ssh program itself.
    public var options: [String]
    /// What the remote shell executes; empty for a login shell.
    public var command: [String]
    /// Whether to ask for a terminal.
    public var wantsTerminal: Bool

    /// A session with a machine.
    public init(
        port: UInt16, key: String, user: String, options: [String] = [], command: [String], wantsTerminal: Bool
    ) {
        self.options = options
        self.port = port
        self.key = key
        self.user = user
        self.command = command
        self.wantsTerminal = wantsTerminal
    }

    /// The arguments, without the program's name.
    public var arguments: [String] {
        var words = ["-F", "none"] + (key.isEmpty ? [] : ["-i", key])
        words += ["-p", "\(port)", wantsTerminal ? "-t" : "-T"]
        let identity = key.isEmpty ? [] : ["IdentitiesOnly=yes", "IdentityAgent=none"]
        words += options + (identity + Self.fixedOptions).flatMap { ["-o", $0] }
        words += ["\(user)@127.0.0.1"]
        let remote = Self.remoteCommand(command)
        return remote.isEmpty ? words : words + ["--", remote]
    }

    /// The machine is new each time and the way to it is our own loopback: there is no earlier host key to hold it to.
    static let fixedOptions = [
        "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "GlobalKnownHostsFile=/dev/null",
        "BatchMode=yes", "PasswordAuthentication=no",
        "GSSAPIAuthentication=no", "ConnectTimeout=60", "ServerAliveInterval=30", "LogLevel=ERROR",
    ]

    /// One word goes to the remote shell as it is; several are quoted, so that they arrive as the same words.
    static func remoteCommand(_ words: [String]) -> String {
        words.count == 1 ? words[0] : words.map(ShellQuoting.quoted).joined(separator: " ")
    }
}

/// Quoting for a POSIX shell.
public enum ShellQuoting {
    /// The word so that a shell reads exactly it.
    public static func quoted(_ word: String) -> String {
        let harmless = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "_-./:=@%+,".utf8.contains(byte)
            }
        }
        if harmless && !word.isEmpty { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
