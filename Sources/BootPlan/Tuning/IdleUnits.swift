package import GuestProtocol
package import LinuxSystem

/// Units that would find nothing to do in this image's boot, each a process that others wait for. They are not masked: a condition
/// keeps them from running until the default target is reached, which counts as success for all that need them, and afterwards
/// they can be started as ever.
package enum IdleUnits {
    /// Those that the image has.
    package static func units(in tree: RootDirectory, extra: [String]) throws -> [String] {
        let units = UnitDirectory(tree)
        let hasCredentials = Credentials.mayBe(in: tree, extra: extra)
        var names: [String] = []
        if !hasCredentials, !extra.contains(where: isNetworkWord) { names.append("systemd-network-generator.service") }
        if !hasCredentials, try DeclaredAccounts(tree).areThere {
            // The second exists because accounts that device nodes belong to may be missing before the first has run.
            names += ["systemd-sysusers.service", "systemd-tmpfiles-setup-dev-early.service"]
        }
        if !extra.contains(where: { $0.hasPrefix("modules_load=") || $0.hasPrefix("modules-load=") }),
            try !hasModulesToLoad(tree)
        {
            names.append("systemd-modules-load.service")
        }
        return try names.filter(units.exists)
    }

    /// Units that others wait for although it makes no difference to them, and that are started when the default target is reached.
    ///
    /// The journal is kept in /run until then: what lies below /var is in memory as well. Words of the user's may be for another target.
    package static func lateUnits(in tree: RootDirectory, extra: [String]) throws -> [String] {
        guard extra.isEmpty else { return [] }
        return try late.filter { try UnitDirectory(tree).unchangedText($0) != nil }
    }

    static let late = ["systemd-journal-flush.service"]

    /// Units that wait until there is a network, for minutes where a machine has none.
    package static func unitsWaitingForNetwork(in tree: RootDirectory) throws -> [String] {
        try ["systemd-networkd", "NetworkManager", "ifupdown"].map { "\($0)-wait-online.service" }
            .filter(UnitDirectory(tree).exists)
    }

    /// The condition as an addition to the unit.
    package static func condition(_ unit: String) -> GuestFile {
        GuestFile(
            path: "/run/systemd/system/\(unit).d/bcvk.conf",
            content: .bytes(Array("[Unit]\nConditionPathExists=\(GuestPlaces.booted)\n".utf8)), isPublic: true)
    }

    /// Words of which systemd-network-generator(8) makes units.
    private static func isNetworkWord(_ word: String) -> Bool {
        let name = word.prefix { $0 != "=" }
        return [
            "ip", "rd.route", "nameserver", "rd.peerdns", "vlan", "bond", "bridge", "ifname", "net.ifname_policy",
            "net.ifname-policy",
        ].contains(String(name))
    }

    /// Whether a file of modules-load.d(5) names a module.
    private static func hasModulesToLoad(_ tree: RootDirectory) throws -> Bool {
        for place in [
            "/etc/modules-load.d", "/usr/local/lib/modules-load.d", "/usr/lib/modules-load.d", "/lib/modules-load.d",
        ] {
            for entry in try tree.entries(place) where entry.name.hasSuffix(".conf") {
                let bytes = try tree.readFileIfPresent("\(place)/\(entry.name)", limit: 1 << 20) ?? []
                let names = ConfigurationLines(bytes, comments: ["#", ";"])
                if !names.isEmpty { return true }
            }
        }
        return false
    }
}
