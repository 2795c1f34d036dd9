import CGuest

/// Who answers for names: /etc/resolv.conf, or systemd-resolved where the image runs it.
enum Resolver {
    private static let path = "/etc/resolv.conf"

    static func write(_ configuration: GuestConfiguration, into tree: RootTree) throws(GuestError) {
        guard let network = configuration.network else { return }
        if configuration.usesResolved { try tellResolved(network.resolvers) }
        if tree.isLink(path) {
            // A link that leads nowhere is systemd-resolved's, which will make its target, or a leftover.
            if configuration.usesResolved || tree.exists(path) { return }
            try tree.remove(path)
        }
        var text = Array("# Written by bcvk at the start of this machine.\n".utf8)
        for resolver in network.resolvers { text += Array("nameserver \(resolver)\n".utf8) }
        try tree.write(text, to: path, mode: 0o644)
    }

    /// It learns its servers from who manages the interface, and in many images nobody does. As a fallback ours never stands
    /// before theirs (resolved.conf(5)).
    private static func tellResolved(_ servers: [String]) throws(GuestError) {
        var text = Array("[Resolve]\nFallbackDNS=".utf8)
        for server in servers { text += Array("\(server) ".utf8) }
        text.append(UInt8(ascii: "\n"))
        let directory = "/run/systemd/resolved.conf.d"
        try Mounting.makeDirectories(directory)
        try WholeFile.write(text, to: directory + "/bcvk.conf")
    }
}
