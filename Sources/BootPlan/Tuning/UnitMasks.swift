package import LinuxSystem

/// Units that make no sense in a machine that lives once, has no screen and no disks, or for which this image has no work.
package enum UnitMasks {
    /// Those of them that the image has.
    package static func units(in tree: RootDirectory, extra: [String]) throws -> [String] {
        let units = UnitDirectory(tree)
        var names = always
        let hasCredentials = extra.contains { $0.hasPrefix("systemd.set_credential") }
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
        return try names.filter { unit in
            // An instance is there when its template is.
            let file = unit.firstIndex(of: "@").map { unit[...$0] + ".service" }.map(String.init) ?? unit
            return try units.exists(file)
        }
    }

    private static let always = [
        // Removes what checks of ext4 on LVM have left.
        "e2scrub_reap.service",
        // The driver of a screen; variables of an UEFI.
        "modprobe@drm.service", "modprobe@efi_pstore.service",
        // A login on a screen.
        "getty@tty1.service",
        // A seed for the next boot.
        "systemd-random-seed.service",
        // Notes that /etc and /var are as new as /usr, for the next boot.
        "systemd-update-done.service",
        // Rules and links from credentials of the machine's; storage of networkd's for the next boot.
        "systemd-udev-load-credentials.service", "systemd-networkd-persistent-storage.service",
        // Takes back the image's initramfs for the shutdown, to unmount disks.
        "dracut-shutdown.service",
    ]

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
