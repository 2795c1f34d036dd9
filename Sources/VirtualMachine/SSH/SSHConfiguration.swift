/// A machine as a block of ssh_config(5).
public struct SSHConfiguration: Sendable, Hashable {
    private let name: String
    private let port: UInt16
    private let key: String
    private let user: String

    /// The block for a machine that runs.
    public init(_ record: MachineRecord) {
        self.init(name: record.name, port: record.sshPort, key: record.sshKey, user: record.sshUser)
    }

    package init(name: String, port: UInt16, key: String, user: String) {
        self.name = name
        self.port = port
        self.key = key
        self.user = user
    }

    /// The lines, without a newline at the end.
    public var text: String {
        let own = [
            "HostName 127.0.0.1", "Port \(port)", "User \(user)", "IdentityFile \(Self.quoted(key))",
        ]
        let fixed = SSHCommand.fixedOptions.map { option in
            option.split(separator: "=", maxSplits: 1).joined(separator: " ")
        }
        return (["Host \(name)"] + (own + fixed).map { "    " + $0 }).joined(separator: "\n")
    }

    /// Quotes keep spaces together; a percent sign would begin a token.
    private static func quoted(_ path: String) -> String {
        "\"" + path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%") + "\""
    }
}
