internal import Glibc
package import LinuxSystem

/// The modules that systemd loads by itself before anything else, one after the other: loaded from the initramfs they are there
/// when it comes to that.
package enum ServiceManagerModules {
    /// The modules, and what systemd calls them or what they are needed for in its program.
    private static let modules = [
        ("autofs4", "autofs4"), ("ip_tables", "ip_tables"), ("qemu_fw_cfg", "qemu_fw_cfg"), ("dmi-sysfs", "dmi-sysfs"),
        // By a socket that it opens for this setting.
        ("nfnetlink", "NFTSet"),
    ]

    /// Those that the image's systemd loads, but those of which somebody has written something for modprobe.d(5).
    package static func names(in tree: RootDirectory) throws -> [String] {
        let configured = try configuration(in: tree)
        var wanted = modules.filter { module, _ in !configured.contains { $0 == underscored(module) } }
        var found: [String] = []
        for path in try programs(in: tree) where !wanted.isEmpty {
            guard let bytes = try tree.readFileIfPresent(path, limit: 64 << 20) else { continue }
            found += wanted.filter { holds(bytes, $0.1) }.map(\.0)
            wanted.removeAll { found.contains($0.0) }
        }
        return modules.map(\.0).filter(found.contains)
    }

    /// Whether words of the user's for the kernel are about loading modules, or about one of these.
    package static func areNamed(in words: [String]) -> Bool {
        words.contains { word in
            word.contains("blacklist") || modules.contains { underscored(word).hasPrefix(underscored($0.0) + ".") }
        }
    }

    /// The program, and since version 254 the library that is most of it.
    private static func programs(in tree: RootDirectory) throws -> [String] {
        var paths = ["/usr/lib/systemd/systemd"]
        let places =
            ["/usr/lib/systemd", "/usr/lib64/systemd"]
            + (try tree.entries("/usr/lib").map(\.name).filter { $0.hasSuffix("-linux-gnu") }.map {
                "/usr/lib/\($0)/systemd"
            })
        for place in places {
            for entry in try tree.entries(place) where entry.name.hasPrefix("libsystemd-core-") {
                paths.append("\(place)/\(entry.name)")
            }
        }
        // There is one of each.
        return Array(paths.prefix(4))
    }

    /// The words in configurations of modprobe's.
    private static func configuration(in tree: RootDirectory) throws -> Set<String> {
        var words: Set<String> = []
        for place in ["/etc/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"] {
            for entry in try tree.entries(place) where entry.name.hasSuffix(".conf") {
                let bytes = try tree.readFileIfPresent("\(place)/\(entry.name)", limit: 1 << 20) ?? []
                for line in ConfigurationLines(bytes) {
                    words.formUnion(
                        line.split(whereSeparator: \.isWhitespace).dropFirst().prefix(1).map { underscored(String($0)) }
                    )
                }
            }
        }
        return words
    }

    private static func underscored(_ name: String) -> String { String(name.map { $0 == "-" ? "_" : $0 }) }

    /// Whether a program has a word, with the zero at its end.
    private static func holds(_ program: [UInt8], _ word: String) -> Bool {
        let word = Array(word.utf8) + [0]
        return program.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            var offset = 0
            while let found = memchr(start + offset, Int32(word[0]), bytes.count - offset) {
                offset = UnsafeRawPointer(found) - start
                if bytes[offset...].starts(with: word) { return true }
                offset += 1
            }
            return false
        }
    }
}
