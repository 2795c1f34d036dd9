package import GuestProtocol
package import LinuxSystem

/// Generators of systemd's that find nothing to do in this machine (systemd.generator(7)): each is a process, and all are waited
/// for before the first unit. An empty file of the same name in /run keeps one from being run.
package enum GeneratorMasks {
    package static func files(in tree: RootDirectory, extra: [String]) throws -> [GuestFile] {
        let there = try Set(
            ["/usr/lib/systemd/system-generators", "/lib/systemd/system-generators"].flatMap { place in
                try tree.entries(place).map(\.name)
            })
        return try idle(in: tree, extra: extra).filter(there.contains).map { name in
            GuestFile(path: "/run/systemd/system-generators/\(name)", content: .bytes([]), isPublic: true)
        }
    }

    package static func idle(in tree: RootDirectory, extra: [String]) throws -> [String] {
        func asks(_ prefixes: String...) -> Bool {
            extra.contains { word in prefixes.contains { word.hasPrefix($0) || word.hasPrefix("rd.\($0)") } }
        }
        func has(_ path: String) throws -> Bool { try tree.status(path, followLinks: false) != nil }
        var names = [
            // Partitions of a root's disk; a loader's count of boots. There are neither.
            "systemd-gpt-auto-generator", "systemd-bless-boot-generator",
            // Units for a TPM.
            "systemd-tpm2-generator",
            // A socket for ssh from other machines on this host, and from within.
            "systemd-ssh-generator",
        ]
        if !asks("resume", "noresume") { names.append("systemd-hibernate-resume-generator") }
        if !asks("systemd.run") { names.append("systemd-run-generator") }
        if try !has("/etc/rc.local") { names.append("systemd-rc-local-generator") }
        if try !has("/system-update"), try !has("/etc/system-update") {
            names.append("systemd-system-update-generator")
        }
        if !asks("luks"), try !has("/etc/crypttab") { names.append("systemd-cryptsetup-generator") }
        if !asks("systemd.integrity", "integritysetup"), try !has("/etc/integritytab") {
            names.append("systemd-integritysetup-generator")
        }
        if !asks("systemd.verity", "roothash", "usrhash", "veritytab"), try !has("/etc/veritytab") {
            names.append("systemd-veritysetup-generator")
        }
        if try hasNoScripts(tree) { names.append("systemd-sysv-generator") }
        return names
    }

    /// Whether each script of an older init has a unit in its place.
    private static func hasNoScripts(_ tree: RootDirectory) throws -> Bool {
        let units = UnitDirectory(tree)
        for entry in try tree.entries("/etc/init.d") {
            let path = "/etc/init.d/\(entry.name)"
            guard let status = try tree.status(path), status.kind == .regular, status.mode & 0o111 != 0 else {
                continue
            }
            let name = entry.name.hasSuffix(".sh") ? String(entry.name.dropLast(3)) : entry.name
            if try !units.exists("\(name).service") { return false }
        }
        return true
    }
}
