import CGuest

/// Who may log in, and as whom the server shows itself.
enum SSHAccess {
    /// The server's private host key (sshd_config(5), HostKey).
    static let hostKey = "/etc/ssh/ssh_host_ed25519_key"

    static func write(_ configuration: GuestConfiguration, into tree: RootTree) throws(GuestError) {
        let keys = configuration.authorizedKeys
        if !keys.isEmpty {
            try authorize(keys, for: try Account.root(in: tree), in: tree)
            if let name = configuration.sshUser {
                guard let account = try Account.named(name, in: tree) else {
                    throw GuestError("find", "user " + name, reason: "the image has no such account")
                }
                try authorize(keys, for: account, in: tree)
            }
        }
        if let key = configuration.hostKey, tree.exists("/etc/ssh") {
            try tree.write(Array(key.utf8), to: hostKey, mode: 0o600)
            let publicKey = configuration.hostKeyPublic ?? ""
            try tree.write(Array(publicKey.utf8), to: hostKey + ".pub", mode: 0o644)
        }
    }

    private static func authorize(_ keys: [String], for account: Account, in tree: RootTree) throws(GuestError) {
        if !tree.exists(account.home) {
            try tree.makeDirectory(account.home, mode: 0o700)
            try tree.setAttributes(account.home, mode: 0o700, owner: account.owner, group: account.group)
        }
        let directory = account.home + "/.ssh"
        try tree.makeDirectory(directory, mode: 0o700)
        // sshd refuses keys in a directory that others could write.
        try tree.setAttributes(directory, mode: 0o700, owner: account.owner, group: account.group)
        let file = directory + "/authorized_keys"
        var text = try tree.read(file) ?? []
        if let last = text.last, last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
        for key in keys { text += Array(key.utf8) + [UInt8(ascii: "\n")] }
        try tree.write(text, to: file, mode: 0o600)
        try tree.setAttributes(file, mode: 0o600, owner: account.owner, group: account.group)
    }
}
