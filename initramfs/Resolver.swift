import CGuest

/// /etc/resolv.conf, unless the image has somebody who writes it.
enum Resolver {
    private static let path = "/etc/resolv.conf"

    static func write(_ configuration: GuestConfiguration, into tree: RootTree) throws(GuestError) {
        guard let network = configuration.network else { return }
        if tree.isLink(path) {
            // A link that leads nowhere is systemd-resolved's, which will make its target, or a leftover.
            if configuration.usesResolved || tree.exists(path) { return }
            try tree.remove(path)
        }
        try tree.write(Array("nameserver \(network.resolver)\n".utf8), to: path, mode: 0o644)
    }
}
