package import GuestProtocol
package import LinuxSystem

/// Devices and drivers for which udev has no rule: hundreds, and each is an event that runs through all rules.
package enum DeviceEvents {
    private static let unit = "systemd-udev-trigger.service"
    private static let subsystems = [
        "subsystem", "drivers", "vc", "wakeup", "memory", "memory_tiering", "workqueue", "event_source", "clockevents",
        "clocksource", "machinecheck", "bdi",
    ]

    /// The addition to udev's unit; nil where it is not as expected.
    package static func file(in tree: RootDirectory) throws -> GuestFile? {
        guard let text = try UnitDirectory(tree).unchangedText(unit) else { return nil }
        let named = try subsystemsWithRules(in: tree)
        guard let addition = addition(to: text, without: subsystems.filter { !named.contains($0) }) else { return nil }
        return GuestFile(
            path: "/run/systemd/system/\(unit).d/bcvk.conf", content: .bytes(Array(addition.utf8)), isPublic: true)
    }

    package static func addition(to unit: String, without subsystems: [String]) -> String? {
        let key = "ExecStart="
        let commands = unit.split(separator: "\n").filter { $0.hasPrefix(key) }.map { $0.dropFirst(key.count) }
        guard !subsystems.isEmpty, !commands.isEmpty, commands.allSatisfy({ $0.contains("udevadm trigger ") }) else {
            return nil
        }
        let words = subsystems.map { " --subsystem-nomatch=\($0)" }.joined()
        return "[Service]\nExecStart=\n" + commands.map { "\(key)\($0)\(words)\n" }.joined()
    }

    /// Of those above, what some rule (udev(7)) names.
    private static func subsystemsWithRules(in tree: RootDirectory) throws -> Set<String> {
        var found: Set<String> = []
        for place in ["/etc/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d"]
        {
            for entry in try tree.entries(place) where entry.name.hasSuffix(".rules") {
                let bytes = try tree.readFileIfPresent("\(place)/\(entry.name)", limit: 1 << 20) ?? []
                for words in ConfigurationLines(bytes, holding: "SUBSYSTEM") {
                    found.formUnion(named(in: words))
                }
                for words in ConfigurationLines(bytes, holding: "DEVPATH") {
                    found.formUnion(subsystems.filter { words.contains("/\($0)/") })
                }
            }
        }
        return found
    }

    /// A pattern may name several: `SUBSYSTEM=="block|bdi"`; one with a wildcard, all.
    package static func named(in rule: Substring) -> Set<String> {
        var found: Set<String> = []
        for part in rule.split(separator: ",") where part.contains("SUBSYSTEM") {
            let pattern = part.split(separator: "\"", omittingEmptySubsequences: false).dropFirst().first ?? ""
            // "?*" asks only whether there is one, of rules that go on to say more.
            if pattern.contains("*"), pattern != "?*" { found.formUnion(subsystems) }
            found.formUnion(pattern.split(separator: "|").map(String.init))
        }
        return found
    }
}
