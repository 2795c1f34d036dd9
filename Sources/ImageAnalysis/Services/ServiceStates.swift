internal import LinuxSystem

/// Which services an image starts, told from its files as systemctl(1) `--root` does it.
public struct ServiceStates: Sendable, Hashable, Codable {
    /// Those that some target wants or requires by a link.
    public var enabled: [String] = []
    /// Those that could be enabled and are not.
    public var disabled: [String] = []
    /// Those that cannot be started at all.
    public var masked: [String] = []
    /// Of the disabled ones those that the image's presets would enable.
    public var enabledByPreset: [String] = []

    enum CodingKeys: String, CodingKey {
        case enabled, disabled, masked
        case enabledByPreset = "enabled_by_preset"
    }

    private static let places = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"]

    init(_ tree: RootDirectory) throws {
        let wanted = try Self.wantedUnits(tree)
        let presets = try Presets(tree)
        var seen: Set<String> = []
        for place in Self.places {
            for entry in try tree.entries(place) where entry.name.hasSuffix(".service") {
                let path = "\(place)/\(entry.name)"
                if entry.kind == .symbolicLink {
                    // A link to another unit is an alias; one to /dev/null takes the unit away.
                    guard try tree.linkTarget(path) == "/dev/null", seen.insert(entry.name).inserted else { continue }
                    masked.append(entry.name)
                    continue
                }
                guard entry.kind == .regular, seen.insert(entry.name).inserted else { continue }
                let text = String(decoding: try tree.readFile(path, limit: 1 << 20), as: UTF8.self)
                guard Self.canBeEnabled(text), !wanted.contains(entry.name) else { continue }
                disabled.append(entry.name)
                if presets.enables(entry.name) { enabledByPreset.append(entry.name) }
            }
        }
        enabled = wanted.filter { $0.hasSuffix(".service") && !masked.contains($0) }.sorted()
        disabled.sort()
        masked.sort()
        enabledByPreset.sort()
    }

    /// Names of links in the administrator's `.wants` and `.requires` directories, and what aliases there stand for.
    private static func wantedUnits(_ tree: RootDirectory) throws -> Set<String> {
        var found: Set<String> = []
        let place = "/etc/systemd/system"
        for entry in try tree.entries(place) {
            if entry.name.hasSuffix(".wants") || entry.name.hasSuffix(".requires") {
                for link in try tree.entries("\(place)/\(entry.name)") { found.insert(link.name) }
            } else if entry.kind == .symbolicLink, let target = try tree.linkTarget("\(place)/\(entry.name)"),
                let name = target.split(separator: "/").last, target != "/dev/null"
            {
                found.insert(String(name))
            }
        }
        return found
    }

    /// Only a unit with an [Install] section can be enabled; others are static.
    static func canBeEnabled(_ text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).contains { $0 == "[Install]" }
    }
}
