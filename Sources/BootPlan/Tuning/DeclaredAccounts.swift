package import LinuxSystem

/// The accounts that an image declares (sysusers.d(5)), and whether it has them already.
package struct DeclaredAccounts {
    private let tree: RootDirectory

    package init(_ tree: RootDirectory) {
        self.tree = tree
    }

    /// Whether systemd-sysusers would have nothing to do. What is not understood is taken for work.
    package var areThere: Bool {
        get throws {
            let users = try names("/etc/passwd")
            let groups = try members("/etc/group")
            for place in ["/etc/sysusers.d", "/usr/local/lib/sysusers.d", "/usr/lib/sysusers.d"] {
                for entry in try tree.entries(place) where entry.name.hasSuffix(".conf") {
                    let bytes = try tree.readFileIfPresent("\(place)/\(entry.name)", limit: 1 << 20) ?? []
                    for line in ConfigurationLines(bytes) where !Self.isThere(line, users: users, groups: groups) {
                        return false
                    }
                }
            }
            return true
        }
    }

    package static func isThere(_ line: Substring, users: Set<String>, groups: [String: Set<String>]) -> Bool {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count >= 2, !words[1].contains(where: { $0 == "%" || $0 == "\"" || $0 == "'" }) else {
            return false
        }
        switch words[0] {
        case "u", "u!": return users.contains(words[1]) && groups[words[1]] != nil || isInAnotherGroup(words, users)
        case "g": return groups[words[1]] != nil
        case "m": return words.count >= 3 && groups[words[2]]?.contains(words[1]) == true
        // A range of numbers for accounts that are made.
        case "r": return true
        default: return false
        }
    }

    /// A user whose line gives it another account's group: `u name 10:20`.
    private static func isInAnotherGroup(_ words: [String], _ users: Set<String>) -> Bool {
        words.count >= 3 && words[2].contains(":") && users.contains(words[1])
    }

    private func names(_ path: String) throws -> Set<String> {
        Set(try fields(path).compactMap(\.first))
    }

    /// Each group with those whom its line names.
    private func members(_ path: String) throws -> [String: Set<String>] {
        var groups: [String: Set<String>] = [:]
        for fields in try fields(path) where fields.count >= 4 {
            groups[fields[0]] = Set(fields[3].split(separator: ",").map(String.init))
        }
        return groups
    }

    private func fields(_ path: String) throws -> [[String]] {
        let text = String(decoding: try tree.readFileIfPresent(path, limit: 16 << 20) ?? [], as: UTF8.self)
        return text.split(separator: "\n").map { line in
            line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
