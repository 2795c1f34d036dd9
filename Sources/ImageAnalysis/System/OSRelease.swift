package import LinuxSystem

/// What a system says of itself in os-release(5).
public struct OSRelease: Sendable, Hashable {
    /// The fields.
    public let fields: [String: String]

    /// Reads the form `NAME=value`, quoted as a shell does it.
    public init(_ text: String) {
        var fields: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let equals = line.firstIndex(of: "="), !line.hasPrefix("#") else { continue }
            fields[line[..<equals].filter { !$0.isWhitespace }] = Self.unquoted(line[line.index(after: equals)...])
        }
        self.fields = fields
    }

    /// Reads a tree's, from /etc or /usr/lib; nil where it has none.
    package init?(_ tree: RootDirectory) throws {
        for path in ["/etc/os-release", "/usr/lib/os-release"] {
            if let bytes = try tree.readFileIfPresent(path, limit: 1 << 20) {
                self.init(String(decoding: bytes, as: UTF8.self))
                return
            }
        }
        return nil
    }

    private static func unquoted(_ text: Substring) -> String {
        var result = ""
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                result.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
            } else if quote == nil, character.isWhitespace {
                break
            } else {
                result.append(character)
            }
        }
        return result
    }
}
