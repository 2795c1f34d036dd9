internal import BootPlan
internal import LinuxSystem

/// DHCP on every Ethernet interface, where the image configures no network.
enum NetworkChange {
    static func add(
        to list: inout ChangeList, _ tree: RootDirectory, _ facts: SystemFacts, remarks: inout [String]
    ) throws {
        let units = UnitDirectory(tree)
        try addResolver(to: &list, tree, facts)
        if try units.isWanted("NetworkManager.service") {
            if try !hasFiles(tree, "/etc/NetworkManager/system-connections", suffix: "") {
                try list.directory("/etc/NetworkManager/system-connections", TreeChange.Attributes(mode: 0o700))
                try list.write(
                    "/etc/NetworkManager/system-connections/bcvk-dhcp.nmconnection", connection,
                    TreeChange.Attributes(mode: 0o600))
            }
            return
        }
        // The rest of ifupdown and its like is the image's own doing.
        if try units.isWanted("networking.service"), try namesInterface(tree) { return }
        let networkd = "systemd-networkd.service"
        guard try units.exists(networkd) else {
            remarks.append("the image has neither systemd-networkd nor NetworkManager: its network is left as it is")
            return
        }
        if try !units.isWanted(networkd) {
            try list.link(
                "/etc/systemd/system/multi-user.target.wants/\(networkd)", to: "/usr/lib/systemd/system/\(networkd)")
            remarks.append("nothing in the image configures a network: systemd-networkd is enabled")
        }
        if try !hasFiles(tree, "/etc/systemd/network", suffix: ".network") {
            try list.write(
                "/etc/systemd/network/80-bcvk-dhcp.network", network, TreeChange.Attributes(mode: 0o644))
        }
        if try !facts.resolvedIsEnabled && isEmpty(tree, "/etc/resolv.conf") {
            remarks.append(
                "the image has no resolver (systemd-resolved): it takes its address from DHCP, but no name servers")
        }
    }

    private static let network = """
        # Written by bcvk: the image configures no network.
        [Match]
        Type=ether
        Kind=!*

        [Network]
        DHCP=yes

        """

    private static let connection = """
        [connection]
        id=bcvk-dhcp
        type=ethernet
        autoconnect-priority=-100

        [ipv4]
        method=auto

        [ipv6]
        method=auto

        """

    /// Engines leave an empty file, over which they mount their own.
    private static func addResolver(
        to list: inout ChangeList, _ tree: RootDirectory, _ facts: SystemFacts
    ) throws {
        guard facts.resolvedIsEnabled, try tree.linkTarget("/etc/resolv.conf") == nil,
            try isEmpty(tree, "/etc/resolv.conf")
        else { return }
        try list.link("/etc/resolv.conf", to: "../run/systemd/resolve/stub-resolv.conf")
    }

    private static func isEmpty(_ tree: RootDirectory, _ path: String) throws -> Bool {
        try (tree.readFileIfPresent(path, limit: 1 << 20) ?? []).allSatisfy { $0 <= 0x20 }
    }

    private static func hasFiles(_ tree: RootDirectory, _ directory: String, suffix: String) throws -> Bool {
        try tree.entries(directory).contains { $0.kind != .directory && $0.name.hasSuffix(suffix) }
    }

    /// Whether interfaces(5) has one beside the loopback.
    private static func namesInterface(_ tree: RootDirectory) throws -> Bool {
        if try !tree.entries("/etc/network/interfaces.d").isEmpty { return true }
        let text = try tree.readFileIfPresent("/etc/network/interfaces", limit: 1 << 20) ?? []
        return String(decoding: text, as: UTF8.self).split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            return words.first == "iface" && words.count > 1 && words[1] != "lo"
        }
    }
}
