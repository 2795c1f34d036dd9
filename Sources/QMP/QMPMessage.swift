import FoundationEssentials

/// One line that QEMU sends on a monitor.
public enum QMPMessage: Sendable, Hashable {
    /// The first line: QEMU's version.
    case greeting(version: String)
    /// A command's result.
    case result(JSONValue, id: Int64?)
    /// A command's failure.
    case failure(class: String, description: String, id: Int64?)
    /// Something happened to the machine.
    case event(QMPEvent)

    /// Reads one line.
    public init(line: [UInt8]) throws(QMPError) {
        func malformed(_ reason: String) -> QMPError {
            .malformed(line: String(decoding: line, as: UTF8.self), reason: reason)
        }
        let value: JSONValue
        do {
            value = try JSONDecoder().decode(JSONValue.self, from: Data(line))
        } catch {
            throw malformed("no JSON")
        }
        var id: Int64?
        if case .integer(let number)? = value["id"] { id = number }
        if let greeting = value["QMP"] {
            let parts = ["major", "minor", "micro"].map { key -> String in
                if case .integer(let number)? = greeting["version"]?["qemu"]?[key] { "\(number)" } else { "?" }
            }
            self = .greeting(version: parts.joined(separator: "."))
        } else if let result = value["return"] {
            self = .result(result, id: id)
        } else if let failure = value["error"] {
            self = .failure(
                class: failure["class"]?.stringValue ?? "GenericError",
                description: failure["desc"]?.stringValue ?? "no description", id: id)
        } else if let name = value["event"]?.stringValue {
            self = .event(QMPEvent(name: name, data: value["data"] ?? .object([:])))
        } else {
            throw malformed("neither greeting, result, error nor event")
        }
    }
}

/// Something that happened to the machine.
public struct QMPEvent: Sendable, Hashable {
    /// The event's name: SHUTDOWN, STOP, RESUME, GUEST_PANICKED …
    public let name: String
    /// What QEMU says of it.
    public let data: JSONValue
}
