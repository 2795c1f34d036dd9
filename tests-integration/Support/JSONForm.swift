import LinuxSystem
import QMP
import SystemPackage
import Testing

/// A form of JSON as contrib/docs/json.md describes it, to compare with what is printed.
struct JSONForm {
    private let title: String
    /// The paths of keys, as `layers[].digest`, and whether they may be absent.
    private let keys: [String: Bool]

    /// The form that a section of the document is about.
    static func named(_ title: String) throws -> JSONForm {
        let path = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .appending("contrib/docs/json.md")
        let text = String(decoding: try Files.readWhole(path), as: UTF8.self)
        var keys: [String: Bool] = [:]
        var isInside = false
        for line in text.split(separator: "\n") {
            if line.hasPrefix("## ") { isInside = line.contains("`\(title)`") }
            guard isInside, line.hasPrefix("| `") else { continue }
            let cells = line.split(separator: "|").map { $0.drop { $0 == " " } }
            let key = cells[0].dropFirst().prefix { $0 != "`" }
            keys[String(key)] = cells[1].contains("?")
        }
        try #require(!keys.isEmpty, "\(path) has no section about \(title)")
        return JSONForm(title: title, keys: keys)
    }

    /// Expects that every key is described, and that every key that is described as always there is.
    func check(_ value: JSONValue, sourceLocation: SourceLocation = #_sourceLocation) throws {
        guard case .object = value else {
            Issue.record("\(title): \(value) is no object", sourceLocation: sourceLocation)
            return
        }
        compare(value, at: "", sourceLocation)
    }

    private func compare(_ value: JSONValue, at path: String, _ sourceLocation: SourceLocation) {
        switch value {
        case .object(let members):
            let prefix = path.isEmpty ? "" : path + "."
            let described = keys.filter { key, _ in
                key.hasPrefix(prefix) && !key.dropFirst(prefix.count).contains { $0 == "." || $0 == "[" }
            }
            // An object whose keys are the user's own.
            if described.isEmpty { return }
            for (key, mayBeAbsent) in described where !mayBeAbsent {
                let name = String(key.dropFirst(prefix.count))
                #expect(members[name] != nil, "\(title): \(key) is not there", sourceLocation: sourceLocation)
            }
            for (name, member) in members {
                let key = prefix + name
                #expect(keys[key] != nil, "\(title): \(key) is not described", sourceLocation: sourceLocation)
                compare(member, at: key, sourceLocation)
            }
        case .array(let elements):
            for element in elements { compare(element, at: path + "[]", sourceLocation) }
        default: break
        }
    }
}
