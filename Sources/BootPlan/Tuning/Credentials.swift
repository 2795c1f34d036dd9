internal import LinuxSystem

/// Credentials of a machine's (systemd.exec(5)), of which units read what they shall do.
enum Credentials {
    /// Whether there may be some: by the kernel's words, or in the image.
    static func mayBe(in tree: RootDirectory, extra: [String]) -> Bool {
        if extra.contains(where: {
            $0.hasPrefix("systemd.set_credential") || $0.hasPrefix("systemd.import_credentials")
        }) {
            return true
        }
        return ["/etc/credstore", "/etc/credstore.encrypted", "/usr/lib/credstore", "/usr/lib/credstore.encrypted"]
            .contains {
                // What cannot be read may hold some.
                (try? tree.entries($0).isEmpty) != true
            }
    }
}
