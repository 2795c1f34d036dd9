internal import LinuxSystem

/// What tells one machine from its siblings.
package enum IdentityChange {
    static func add(to list: inout ChangeList, _ tree: RootDirectory, _ request: SystemChanges.Request) throws {
        // Empty, not missing: then systemd makes an id and writes it down, but does not take the boot for a first one, in which
        // presets would enable and disable units (machine-id(5)).
        if try tree.status("/etc/machine-id")?.size != 0 {
            try list.write("/etc/machine-id", [], TreeChange.Attributes(mode: 0o444))
        }
        // dbus's own copy, where it is one.
        if try tree.status("/var/lib/dbus/machine-id", followLinks: false)?.kind == .regular {
            try list.link("/var/lib/dbus/machine-id", to: "/etc/machine-id")
        }
        // A seed that all copies of the image share is none.
        try list.remove("/var/lib/systemd/random-seed")
        if let name = request.hostname {
            try list.write("/etc/hostname", "\(name)\n", TreeChange.Attributes(mode: 0o644))
        }
        let hosts = try tree.readFileIfPresent("/etc/hosts", limit: 1 << 20) ?? []
        if hosts.allSatisfy({ $0 <= 0x20 }) {
            // Engines mount their own over the image's empty one.
            try list.write(
                "/etc/hosts", "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n",
                TreeChange.Attributes(mode: 0o644))
        }
    }

    /// A host name made of an image's name: of `quay.io/fedora/fedora-bootc:42` it is `fedora-bootc`.
    package static func hostname(ofImage reference: String) -> String? {
        var text = reference[...]
        // A transport ends with a colon before any slash, and is followed by a path or a name.
        for transport in ["oci:", "oci-archive:", "docker-archive:", "dir:", "tar:", "container:", "containerd:"]
        where text.hasPrefix(transport) {
            text = text.dropFirst(transport.count)
        }
        if let slash = text.lastIndex(of: "/") { text = text[text.index(after: slash)...] }
        text = text.prefix { $0 != "." && $0 != "@" && $0 != ":" }
        let label = text.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let trimmed = String(label).split(separator: "-").joined(separator: "-").prefix(63)
        return trimmed.isEmpty ? nil : String(trimmed)
    }
}
