package import GuestProtocol
package import LinuxSystem

/// The device nodes whose modules are loaded when somebody opens them: what `kmod static-nodes` writes for systemd-tmpfiles.
package enum StaticNodes {
    /// The unit that would do it.
    package static let unit = "kmod-static-nodes.service"

    package static func file(of release: String, in tree: RootDirectory) throws -> GuestFile? {
        for place in ["/usr/lib/modules", "/lib/modules"] {
            guard let bytes = try tree.readFileIfPresent("\(place)/\(release)/modules.devname", limit: 1 << 20) else {
                continue
            }
            guard let text = lines(String(decoding: bytes, as: UTF8.self)) else { return nil }
            return GuestFile(
                path: "/run/tmpfiles.d/static-nodes.conf", content: .bytes(Array(text.utf8)), isPublic: true)
        }
        return nil
    }

    /// tmpfiles.d(5) of modules.devname; nil where a line is not understood.
    package static func lines(_ text: String) -> String? {
        var lines: [String] = []
        var directories: Set<Substring> = []
        for line in ConfigurationLines(Array(text.utf8)) {
            // MODULE NODE TYPE MAJOR:MINOR, the last two in one word
            let words = line.split(separator: " ")
            guard words.count == 3, let type = words[2].first, type == "c" || type == "b" else { return nil }
            let numbers = words[2].dropFirst().split(separator: ":").compactMap { UInt32($0) }
            guard numbers.count == 2, words[1].allSatisfy({ !$0.isWhitespace && $0 != "%" }) else { return nil }
            if let slash = words[1].lastIndex(of: "/"), directories.insert(words[1][..<slash]).inserted {
                lines.append("d /dev/\(words[1][..<slash]) 0755 - - -")
            }
            lines.append("\(type)! /dev/\(words[1]) 0600 - - - \(numbers[0]):\(numbers[1])")
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
