import FoundationEssentials

/// The protocol without its socket: bytes in, bytes out and what they mean.
///
/// The greeting is answered with `qmp_capabilities` by itself; commands given before that wait for it.
public struct QMPSession: Sendable {
    /// What came of received bytes.
    public enum Outcome: Sendable, Hashable {
        /// The monitor takes commands from now on.
        case ready(version: String)
        /// A command ended well.
        case completed(id: Int64, JSONValue)
        /// A command failed.
        case failed(id: Int64, QMPError)
        /// Something happened to the machine.
        case event(QMPEvent)
    }

    private enum State: Sendable {
        case awaitingGreeting, negotiating(version: String), ready
    }

    /// The longest line that is taken: QEMU's schema, its longest answer, has a quarter of this.
    public static let lineLimit = 1 << 20

    private static let negotiationID: Int64 = 0
    private var state = State.awaitingGreeting
    private var partial: [UInt8] = []
    private var outgoing: [UInt8] = []
    private var waiting: [[UInt8]] = []
    private var commands: [Int64: String] = [:]
    private var lastID = Self.negotiationID

    /// A session at its start.
    public init() {}

    /// Queues a command; the answer's outcome carries the number that is returned.
    public mutating func send(_ command: String, arguments: JSONValue? = nil) throws(QMPError) -> Int64 {
        lastID += 1
        let line = try Self.encoded(command, arguments, id: lastID)
        commands[lastID] = command
        if case .ready = state { outgoing += line } else { waiting.append(line) }
        return lastID
    }

    /// Takes the bytes that have to be written to the monitor.
    public mutating func takeOutgoing() -> [UInt8] {
        defer { outgoing = [] }
        return outgoing
    }

    /// Takes in bytes that were read from the monitor, in pieces of any size.
    public mutating func receive(_ bytes: some Sequence<UInt8>) throws(QMPError) -> [Outcome] {
        partial += bytes
        var outcomes: [Outcome] = []
        while let end = partial.firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(partial[..<end].filter { $0 != UInt8(ascii: "\r") })
            partial.removeSubrange(...end)
            if line.isEmpty { continue }
            if let outcome = try take(try QMPMessage(line: line)) { outcomes.append(outcome) }
        }
        guard partial.count <= Self.lineLimit else { throw .oversized(bytes: Self.lineLimit) }
        return outcomes
    }

    private mutating func take(_ message: QMPMessage) throws(QMPError) -> Outcome? {
        switch (message, state) {
        case (.greeting(let version), .awaitingGreeting):
            state = .negotiating(version: version)
            outgoing += try Self.encoded("qmp_capabilities", nil, id: Self.negotiationID)
            return nil
        case (.result(_, Self.negotiationID?), .negotiating(let version)):
            state = .ready
            outgoing += waiting.joined()
            waiting = []
            return .ready(version: version)
        case (.result(let value, let id?), .ready) where commands.removeValue(forKey: id) != nil:
            return .completed(id: id, value)
        case (.failure(let kind, let description, let id?), _):
            let command = commands.removeValue(forKey: id) ?? "qmp_capabilities"
            return .failed(id: id, .refused(command: command, class: kind, description: description))
        case (.event(let event), _):
            return .event(event)
        default:
            throw .malformed(line: "\(message)", reason: "message out of turn")
        }
    }

    private static func encoded(_ command: String, _ arguments: JSONValue?, id: Int64) throws(QMPError) -> [UInt8] {
        var members: [String: JSONValue] = ["execute": .string(command), "id": .integer(id)]
        if let arguments { members["arguments"] = arguments }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(JSONValue.object(members))) + [UInt8(ascii: "\n")]
        } catch {
            throw .unencodable(command: command)
        }
    }
}
