import CGuest

/// Variables for what runs in the guest: for services by systemd's own configuration, for logins by pam_env(8).
enum Environment {
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
    private static let percent = UInt8(ascii: "%")
    private static let logins = "/etc/environment"

    static func write(_ variables: [String], into tree: RootTree) throws(GuestError) {
        guard !variables.isEmpty else { return }
        try tellSystemd(variables)
        try tellLogins(variables, in: tree)
    }

    /// One quoted assignment each (systemd-system.conf(5)): backslashes escape, and a percent sign is doubled, or it would
    /// begin a specifier.
    private static func tellSystemd(_ variables: [String]) throws(GuestError) {
        var text = Array("[Manager]\n".utf8)
        for variable in variables {
            text += Array("DefaultEnvironment=".utf8) + [quote]
            for byte in variable.utf8 {
                if byte == quote || byte == backslash { text.append(backslash) }
                if byte == percent { text.append(percent) }
                text.append(byte)
            }
            text += [quote, UInt8(ascii: "\n")]
        }
        let directory = "/run/systemd/system.conf.d"
        try Mounting.makeDirectories(directory)
        try WholeFile.write(text, to: directory + "/bcvk.conf")
    }

    private static func tellLogins(_ variables: [String], in tree: RootTree) throws(GuestError) {
        var text = try tree.read(logins) ?? []
        if let last = text.last, last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
        for variable in variables { text += Array(variable.utf8) + [UInt8(ascii: "\n")] }
        try tree.write(text, to: logins, mode: 0o644)
    }
}
