internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// Who answers the guest's questions for names.
///
/// QEMU's own resolver, 10.0.2.3, passes each question on to the first IPv4 server of the host's resolv.conf, as a process of
/// the host. So a stub on the host's loopback (systemd-resolved, dnsmasq) is reached, with all that it knows of private
/// networks, and a change on the host is followed. It fails where that file names no IPv4 server, and it never tries a second
/// server. Then, and as a second choice, the host's real servers are asked directly.
package enum HostResolvers {
    /// resolv.conf(5) takes no more.
    private static let limit = 3

    /// The servers for a guest, the first asked first.
    static func current() throws -> [String] {
        try servers(
            host: text("/etc/resolv.conf"), upstream: text("/run/systemd/resolve/resolv.conf"))
    }

    /// - Parameters:
    ///   - host: the host's resolv.conf.
    ///   - upstream: the servers that systemd-resolved asks itself, where it runs.
    package static func servers(host: String, upstream: String) -> [String] {
        let named = addresses(in: host)
        let stubs = named.isEmpty || named.contains(where: isLoopback)
        var found = named.isEmpty ? [] : [UserNetwork.resolver]
        for server in named.dropFirst() + (stubs ? addresses(in: upstream) : [])
        where isReachable(server) && !found.contains(server) {
            found.append(server)
        }
        return Array(found.prefix(limit))
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try Files.readIfPresent(FilePath(path)) ?? [], as: UTF8.self)
    }

    /// The IPv4 addresses of `nameserver` lines: QEMU's resolver takes no others, and the guest's network has no IPv6.
    private static func addresses(in text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2, words[0] == "nameserver", !words[1].contains(":") else { return nil }
            return String(words[1])
        }
    }

    private static func isLoopback(_ address: String) -> Bool { address.hasPrefix("127.") || address == "0.0.0.0" }

    private static func isReachable(_ address: String) -> Bool {
        !isLoopback(address) && !address.hasPrefix("169.254.")
    }
}
