internal import Glibc
internal import LinuxSystem

/// What a distribution says of units that nobody has decided on (systemd.preset(5)).
package struct Presets {
    private var rules: [(enable: Bool, pattern: String)] = []

    /// Reads a tree's presets: files by name, one in /etc replacing one of the same name in /usr.
    init(_ tree: RootDirectory) throws {
        var files: [String: String] = [:]
        for place in ["/usr/lib/systemd/system-preset", "/lib/systemd/system-preset", "/etc/systemd/system-preset"] {
            for entry in try tree.entries(place) where entry.name.hasSuffix(".preset") {
                files[entry.name] = "\(place)/\(entry.name)"
            }
        }
        for (_, path) in files.sorted(by: { $0.key < $1.key }) {
            // A link to /dev/null takes a file away.
            guard try tree.status(path)?.kind == .regular else { continue }
            add(String(decoding: try tree.readFile(path, limit: 1 << 20), as: UTF8.self))
        }
    }

    package init(_ text: String) {
        add(text)
    }

    private mutating func add(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2, words[0] == "enable" || words[0] == "disable" else { continue }
            rules.append((words[0] == "enable", String(words[1])))
        }
    }

    /// The first rule that matches decides; without one a unit is enabled.
    package func enables(_ unit: String) -> Bool {
        rules.first { fnmatch($0.pattern, unit, FNM_NOESCAPE) == 0 }?.enable ?? true
    }
}
