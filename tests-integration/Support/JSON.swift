import FoundationEssentials
import LinuxSystem
import QMP
import Testing

extension ProgramResult {
    /// Standard output as JSON, of a command that must have succeeded.
    func json() throws -> JSONValue {
        try #require(exit == .exited(0), "\(story)")
        return try JSONDecoder().decode(JSONValue.self, from: Data(output))
    }
}

extension JSONValue {
    /// The members of an array.
    var elements: [JSONValue] {
        if case .array(let values) = self { values } else { [] }
    }

    /// A whole number.
    var integerValue: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// An object without one of its keys.
    func without(_ key: String) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { $0.key != key })
    }

    /// The strings of an array.
    var strings: [String] { elements.compactMap(\.stringValue) }
}

extension JSONValue {
    /// The value of a JSON text.
    init(parsing text: [UInt8]) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: Data(text))
    }
}
