internal import LinuxSystem

/// dpkg's data base: paragraphs of fields in /var/lib/dpkg/status, or one file a package in status.d.
package struct DpkgDatabase {
    private let tree: RootDirectory

    init(_ tree: RootDirectory) {
        self.tree = tree
    }

    func versions() throws -> [String: String] {
        var found: [String: String] = [:]
        if let bytes = try tree.readFileIfPresent("/var/lib/dpkg/status") {
            Self.read(String(decoding: bytes, as: UTF8.self), into: &found)
        }
        for entry in try tree.entries("/var/lib/dpkg/status.d") where entry.kind == .regular {
            let bytes = try tree.readFile("/var/lib/dpkg/status.d/\(entry.name)")
            Self.read(String(decoding: bytes, as: UTF8.self) + "\n\n", into: &found)
        }
        return found
    }

    /// Takes name and version out of each paragraph of an installed package.
    package static func read(_ text: String, into versions: inout [String: String]) {
        var name: Substring?
        var version: Substring?
        var isInstalled = true
        func field(_ line: Substring, _ key: String) -> Substring? {
            line.hasPrefix(key) ? line.dropFirst(key.count).drop { $0 == " " } : nil
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                if let name, let version, isInstalled { versions[String(name)] = String(version) }
                (name, version, isInstalled) = (nil, nil, true)
            } else if let value = field(line, "Package:") {
                name = value
            } else if let value = field(line, "Version:") {
                version = value
            } else if let value = field(line, "Status:") {
                isInstalled = value.hasSuffix(" installed")
            }
        }
        if let name, let version, isInstalled { versions[String(name)] = String(version) }
    }
}
