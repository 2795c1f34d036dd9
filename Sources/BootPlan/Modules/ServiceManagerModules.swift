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

    /// Those that the image's systemd loads.
    package static func names(in tree: RootDirectory) throws -> [String] {
        let programs = try programs(in: tree)
        return modules.filter { _, word in programs.contains { holds($0, word) } }.map(\.0)
    }

    /// The program, and since version 254 the library that is most of it.
    private static func programs(in tree: RootDirectory) throws -> [[UInt8]] {
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
        return try paths.compactMap { try tree.readFileIfPresent($0, limit: 64 << 20) }
    }

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
