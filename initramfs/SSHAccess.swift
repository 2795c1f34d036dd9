import CGuest

/// Who may log in, and as whom the server shows itself.
enum SSHAccess {
    static func write(_ configuration: GuestConfiguration, into tree: RootTree) throws(GuestError) {
        if !configuration.authorizedKeys.isEmpty { try authorize(configuration.authorizedKeys, in: tree) }
        if let key = configuration.hostKey, tree.exists("/etc/ssh") {
            try tree.write(Array(key.utf8), to: "/etc/ssh/ssh_host_ed25519_key", mode: 0o600)
            let publicKey = configuration.hostKeyPublic ?? ""
            try tree.write(Array(publicKey.utf8), to: "/etc/ssh/ssh_host_ed25519_key.pub", mode: 0o644)
        }
    }

    private static func authorize(_ keys: [String], in tree: RootTree) throws(GuestError) {
        let home = try homeOfRoot(tree)
        try tree.makeDirectory(home, mode: 0o700)
        let directory = home + "/.ssh"
        try tree.makeDirectory(directory, mode: 0o700)
        // sshd refuses keys in a directory that others could write.
        try tree.setAttributes(directory, mode: 0o700, owner: 0, group: 0)
        let file = directory + "/authorized_keys"
        var text = try tree.read(file) ?? []
        if let last = text.last, last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
        for key in keys { text += Array(key.utf8) + [UInt8(ascii: "\n")] }
        try tree.write(text, to: file, mode: 0o600)
        try tree.setAttributes(file, mode: 0o600, owner: 0, group: 0)
    }

    /// The sixth field of the first account with the number 0 (passwd(5)).
    private static func homeOfRoot(_ tree: RootTree) throws(GuestError) -> String {
        for line in (try tree.read("/etc/passwd") ?? []).split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard fields.count >= 7, fields[2].elementsEqual("0".utf8), fields[5].first == UInt8(ascii: "/") else {
                continue
            }
            return String(decoding: fields[5], as: UTF8.self)
        }
        return "/root"
    }
}
