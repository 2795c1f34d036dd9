import CGuest

/// Who answers for names: /etc/resolv.conf, or systemd-resolved where the image runs it.
enum Resolver {
    private static let path = "/etc/resolv.conf"

    static func write(_ configuration: GuestConfiguration, into tree: RootTree) throws(GuestError) {
        guard let network = configuration.network else { return }
        if configuration.usesResolved { try tellResolved(network.resolver) }
        if tree.isLink(path) {
            // A link that leads nowhere is systemd-resolved's, which will make its target, or a leftover.
            if configuration.usesResolved || tree.exists(path) { return }
            try tree.remove(path)
        }
        try tree.write(Array("nameserver \(network.resolver)\n".utf8), to: path, mode: 0o644)
    }

    /// It learns its servers from who manages the interface, and in many images nobody does. As a fallback ours never stands
    /// before theirs (resolved.conf(5)).
    private static func tellResolved(_ server: String) throws(GuestError) {
        let directory = "/run/systemd/resolved.conf.d"
        for path in ["/run/systemd", directory] { try Mounting.makeDirectory(path) }
        let file = directory + "/bcvk.conf"
        try WholeFile.write(Array("[Resolve]\nFallbackDNS=\(server)\n".utf8), to: file)
    }
}
