internal import LinuxSystem

/// One thing that was looked at on this host.
public struct Finding: Sendable, Hashable, Encodable {
    /// How good it is.
    public enum Status: String, Sendable, Hashable, Encodable {
        /// As it should be.
        case ok
        /// Machines run, but something is slower, or cannot be done.
        case note
        /// No machine can run.
        case problem
    }

    /// What was looked at, as a word for programs.
    public let id: String
    /// How good it is.
    public var status: Status
    /// What was found.
    public var detail: String
    /// What can be done about it; nil where nothing has to be, or nothing is known.
    public var cure: String?
    /// The same for programs, by names that `contrib/docs/json.md` describes.
    public var facts: [String: Fact]

    /// A finding.
    public init(
        _ id: String, _ status: Status, _ detail: String, cure: String? = nil, facts: [String: Fact] = [:]
    ) {
        self.id = id
        self.status = status
        self.detail = detail
        self.cure = cure
        self.facts = facts
    }

    /// What a command would fail with.
    public init(_ id: String, _ status: Status, failure: any Error, facts: [String: Fact] = [:]) {
        self.init(id, status, "\(failure)", cure: (failure as? any HintedError)?.hint, facts: facts)
    }
}

/// A single value of a finding.
public enum Fact: Sendable, Hashable, Encodable {
    case text(String)
    case flag(Bool)
    case number(Int64)

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let value): try container.encode(value)
        case .flag(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        }
    }
}
