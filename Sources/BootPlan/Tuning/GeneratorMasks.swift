package import GuestProtocol
package import LinuxSystem

/// Generators of systemd's that find nothing to do in this machine (systemd.generator(7)): each is a process, and all are waited
/// for before the first unit. An empty file of the same name in /run keeps one from being run; it is removed when the default target is
/// reached, so that later changes of the system find their generator.
package enum GeneratorMasks {
    /// - Parameters:
    ///   - extra: the user's own words for the kernel.
    ///   - console: the serial port's name in the kernel.
    ///   - hasMaskInWords: whether our own words have a unit masked.
    package static func files(
        in tree: RootDirectory, extra: [String], console: String = "ttyS0", hasMaskInWords: Bool = true
    ) throws -> [GuestFile] {
        func names(_ places: [String]) throws -> Set<String> {
            try Set(places.flatMap { try tree.entries($0).map(\.name) })
        }
        // One that somebody has put over the distribution's is wanted.
        let there = try names(["/usr/lib/systemd/system-generators", "/lib/systemd/system-generators"])
            .subtracting(try names(["/etc/systemd/system-generators", "/usr/local/lib/systemd/system-generators"]))
        var names = try idle(in: tree, extra: extra).filter(there.contains)
        var files: [GuestFile] = []
        // What these make is known: we say fstab=no and have one console.
        if extra.isEmpty, !Credentials.mayBe(in: tree, extra: extra) {
            names += ["systemd-fstab-generator", hasMaskInWords ? nil : "systemd-debug-generator"]
                .compactMap { $0 }.filter(there.contains)
            if there.contains(logins), let login = try login(on: console, in: tree) {
                names.append(logins)
                files.append(login)
            }
        }
        return files
            + names.map { name in
                GuestFile(path: "/run/systemd/system-generators/\(name)", content: .bytes([]), isPublic: true)
            }
    }

    private static let logins = "systemd-getty-generator"

    /// A login on the console (systemd-getty-generator(8)).
    private static func login(on console: String, in tree: RootDirectory) throws -> GuestFile? {
        let template = "/usr/lib/systemd/system/serial-getty@.service"
        guard try tree.status(template)?.kind == .regular else { return nil }
        return GuestFile(
            path: "/run/systemd/system/getty.target.wants/serial-getty@\(console).service",
            content: .link(Array(template.utf8)), isPublic: true)
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
        ]
        // A socket for ssh from other machines on this host, and from within.
        if !asks("systemd.ssh_"), !Credentials.mayBe(in: tree, extra: extra) { names.append("systemd-ssh-generator") }
        if !asks("resume", "noresume") { names.append("systemd-hibernate-resume-generator") }
        if !asks("systemd.run") { names.append("systemd-run-generator") }
        if try !has("/etc/rc.local"), try !has("/etc/rc.d/rc.local") { names.append("systemd-rc-local-generator") }
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
        let places = ["/etc/init.d", "/etc/rc.d/init.d"]
        let scripts = try places.flatMap { place in try tree.entries(place).map { (place, $0) } }
        for (place, entry) in scripts {
            let path = "\(place)/\(entry.name)"
            guard let status = try tree.status(path), status.kind == .regular, status.mode & 0o111 != 0 else {
                continue
            }
            let name = entry.name.hasSuffix(".sh") ? String(entry.name.dropLast(3)) : entry.name
            if try !units.exists("\(name).service") { return false }
        }
        return true
    }
}
