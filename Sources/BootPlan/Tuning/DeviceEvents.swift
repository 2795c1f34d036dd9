package import GuestProtocol
package import LinuxSystem

/// The devices that are announced to udev when the system starts: each is an event that runs through all rules. Most are of no
/// interest to any rule, and of many nothing is wanted but the mode of their node.
///
/// The guest program does what `udevadm trigger` would, without those.
package enum DeviceEvents {
    private static let unit = "systemd-udev-trigger.service"
    private static let subsystems = [
        "subsystem", "drivers", "vc", "wakeup", "memory", "memory_tiering", "workqueue", "event_source", "clockevents",
        "clocksource", "machinecheck", "bdi",
    ]
    /// Devices of a screen that is not there: patterns, and all names that they have.
    private static let nodes = [
        ("tty", "tty[0-9]*", (0...63).map { "tty\($0)" }),
        ("vc", "*", ["vcs", "vcsa", "vcsu"].flatMap { name in [name] + (1...63).map { "\(name)\($0)" } }),
    ]

    /// The addition to udev's unit, and the choice; none where the unit is not as expected.
    /// - Parameter release: the kernel's.
    package static func files(in tree: RootDirectory, release: String) throws -> [GuestFile] {
        guard let text = try UnitDirectory(tree).unchangedText(unit) else { return [] }
        let named = try subsystemsWithRules(in: tree)
        let passedOver = subsystems.filter { !named.contains($0) }
        // These two are not in the guest program's walk.
        guard let first = announcement(of: text), passedOver.contains("subsystem"), passedOver.contains("drivers")
        else {
            guard let addition = addition(to: text, without: passedOver) else { return [] }
            return [self.addition(addition)]
        }
        var lines = passedOver.map { "skip \($0)\n" } + first.map { "first \($0)\n" }
        let rules = try DeviceRules(of: tree)
        if let names = rules.namesWithRules(in: "module") {
            lines.append("only module\n")
            lines += names.map { "name module \($0)\n" }
        }
        // udev loads drivers for these, and notes their vendors' names.
        if !rules.nameFirmwareDevices, let names = rules.namesWithRules(in: "acpi"),
            let identifiers = try FirmwareDevices.identifiers(of: release, in: tree)
        {
            lines.append("only acpi\n")
            lines +=
                names.map { "name acpi \($0)\n" } + ["driven acpi :" + identifiers.map { $0 + ":" }.joined() + "\n"]
        }
        let groups = try Self.groups(of: tree)
        for (subsystem, pattern, names) in nodes where !passedOver.contains(subsystem) && !rules.divide(names) {
            guard let node = node(subsystem, names[0], rules, groups) else { continue }
            lines.append("node \(subsystem) \(pattern) \(node)\n")
        }
        return [
            addition("[Service]\nExecStart=\nExecStart=-\(GuestPlaces.program) announce-devices\n"),
            GuestFile(
                path: GuestPlaces.announced, content: .bytes(Array(lines.joined().utf8)), isPublic: false),
        ]
    }

    private static func addition(_ text: String) -> GuestFile {
        GuestFile(path: "/run/systemd/system/\(unit).d/bcvk.conf", content: .bytes(Array(text.utf8)), isPublic: true)
    }

    /// The subsystems that a unit announces before all others; nil where its commands are not the usual ones.
    package static func announcement(of unit: String) -> [String]? {
        var first = ["module"]
        var types: Set<Substring> = []
        for command in commands(of: unit) {
            let words = command.drop { $0 == "-" }.split(separator: " ")
            guard words.count >= 2, words[0] == "udevadm" || words[0].hasSuffix("/udevadm"), words[1] == "trigger"
            else {
                return nil
            }
            for word in words.dropFirst(2) {
                if word.hasPrefix("--type=") {
                    types.insert(word.dropFirst("--type=".count))
                } else if word.hasPrefix("--prioritized-subsystem=") {
                    let names = word.dropFirst("--prioritized-subsystem=".count).split(separator: ",").map(String.init)
                    first += names.filter { !first.contains($0) }
                } else if word != "--action=add" {
                    return nil
                }
            }
        }
        guard types == ["all"] || types == ["subsystems", "devices"] else { return nil }
        return first
    }

    /// The same by udevadm, for a unit that says more.
    package static func addition(to unit: String, without subsystems: [String]) -> String? {
        let commands = commands(of: unit)
        guard !subsystems.isEmpty, !commands.isEmpty, commands.allSatisfy({ $0.contains("udevadm trigger ") }) else {
            return nil
        }
        let words = subsystems.map { " --subsystem-nomatch=\($0)" }.joined()
        return "[Service]\nExecStart=\n" + commands.map { "ExecStart=\($0)\(words)\n" }.joined()
    }

    private static func commands(of unit: String) -> [Substring] {
        let key = "ExecStart="
        return unit.split(separator: "\n").filter { $0.hasPrefix(key) }.map { $0.dropFirst(key.count) }
    }

    /// Group and mode of a node, in numbers, `-` for what stays as the kernel made it; nil where a rule does more.
    private static func node(
        _ subsystem: String, _ name: String, _ rules: DeviceRules, _ groups: [String: UInt32]
    ) -> String? {
        guard let permissions = rules.permissions(subsystem: subsystem, name: name) else { return nil }
        guard permissions.owner == nil || permissions.owner == "root" || permissions.owner == "0" else { return nil }
        var group: UInt32?
        if let name = permissions.group {
            guard let number = UInt32(name) ?? groups[name] else { return nil }
            group = number
        }
        var mode: UInt32?
        if let text = permissions.mode {
            guard let number = UInt32(text, radix: 8), number <= 0o7777 else { return nil }
            mode = number
        } else if let group, group > 0 {
            // As udev does for a node of which a rule names the group only.
            mode = 0o660
        }
        return "\(group.map { "\($0)" } ?? "-") \(mode.map { String($0, radix: 8) } ?? "-")"
    }

    private static func groups(of tree: RootDirectory) throws -> [String: UInt32] {
        var groups: [String: UInt32] = [:]
        for line in ConfigurationLines(try tree.readFileIfPresent("/etc/group", limit: 16 << 20) ?? []) {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count >= 3, let number = UInt32(fields[2]) { groups[String(fields[0])] = number }
        }
        return groups
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
