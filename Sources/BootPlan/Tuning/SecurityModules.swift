package import LinuxSystem

/// The kernel's list of security modules without BPF, where the kernel's configuration is in the image.
///
/// systemd attaches a program there at each start, for units with `RestrictFileSystems=`; to load and verify it takes a machine whose
/// instructions are translated about a second.
package enum SecurityModules {
    package static func word(extra: [String], release: String, in tree: RootDirectory) throws -> String? {
        guard !extra.contains(where: { $0.hasPrefix("lsm=") || $0.hasPrefix("security=") }) else { return nil }
        for path in ["/usr/lib/modules/\(release)/config", "/boot/config-\(release)", "/lib/modules/\(release)/config"]
        {
            guard let bytes = try tree.readFileIfPresent(path, limit: 4 << 20) else { continue }
            return word(configuration: bytes)
        }
        return nil
    }

    /// - Parameter configuration: the kernel's, as `make config` writes it.
    package static func word(configuration: [UInt8]) -> String? {
        let key = "CONFIG_LSM=\""
        guard let line = ConfigurationLines(configuration, holding: key).first(where: { $0.hasPrefix(key) }),
            line.hasSuffix("\"")
        else { return nil }
        let modules = line.dropFirst(key.count).dropLast().split(separator: ",")
        guard modules.contains("bpf"), line.dropFirst(key.count).dropLast().utf8.allSatisfy(isOfName) else {
            return nil
        }
        return "lsm=" + modules.filter { $0 != "bpf" }.joined(separator: ",")
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
            UInt8(ascii: ","):
            true
        default: false
        }
    }
}
