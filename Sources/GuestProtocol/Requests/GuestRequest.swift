/// What the agent is asked to do.
public enum GuestRequest: Sendable {
    /// Execute a program.
    case execute(ExecuteRequest)
    /// Write what comes on standard input, a copy stream, to this path.
    case copyIn(CopyRequest)
    /// Send this path on standard output as a copy stream.
    case copyOut(CopyRequest)
    /// End the machine as its power button would, or at once where nobody listens to that.
    case powerOff
    /// Take the host's time: seconds and nanoseconds since 1970, UTC.
    case setClock(seconds: UInt64, nanoseconds: UInt32)
    /// Say nothing more until `resume`: the machine's state is about to be saved. Refused while a program of the host's runs.
    case suspend
    /// Go on, in a machine of its own, after its state was loaded.
    case resume(ResumeRequest)

    /// The request as a payload.
    public var payload: [UInt8] {
        var writer = PayloadWriter()
        switch self {
        case .execute(let request):
            writer.add(UInt8(1))
            request.write(to: &writer)
        case .copyIn(let request):
            writer.add(UInt8(2))
            request.write(to: &writer)
        case .copyOut(let request):
            writer.add(UInt8(3))
            request.write(to: &writer)
        case .powerOff: writer.add(UInt8(4))
        case .setClock(let seconds, let nanoseconds):
            writer.add(UInt8(5))
            writer.add(seconds)
            writer.add(nanoseconds)
        case .suspend: writer.add(UInt8(6))
        case .resume(let request):
            writer.add(UInt8(7))
            request.write(to: &writer)
        }
        return writer.bytes
    }

    /// Reads a payload.
    public init(_ payload: [UInt8]) throws(FrameError) {
        var reader = PayloadReader(payload)
        switch try reader.number(UInt8.self) {
        case 1: self = .execute(try ExecuteRequest(from: &reader))
        case 2: self = .copyIn(try CopyRequest(from: &reader))
        case 3: self = .copyOut(try CopyRequest(from: &reader))
        case 4: self = .powerOff
        case 5: self = .setClock(seconds: try reader.number(), nanoseconds: try reader.number())
        case 6: self = .suspend
        case 7: self = .resume(try ResumeRequest(from: &reader))
        default: throw .malformed
        }
    }
}

/// A program to execute in the guest.
public struct ExecuteRequest: Sendable {
    /// The program and its arguments; a program without a slash is looked for in PATH.
    public var arguments: [String]
    /// `NAME=value` words beside those that every program gets.
    public var environment: [String]
    /// Where it starts; empty for the user's home.
    public var directory: String
    /// `USER[:GROUP]`, names or numbers; empty for root.
    public var user: String
    /// The terminal's size; nil for three separate streams.
    public var terminal: TerminalSize?
    /// Whether there is a standard input; without one it is empty.
    public var hasInput: Bool

    /// A program with its arguments, as root and without a terminal.
    public init(_ arguments: [String]) {
        self.arguments = arguments
        environment = []
        directory = ""
        user = ""
        hasInput = false
    }

    func write(to writer: inout PayloadWriter) {
        writer.add(arguments)
        writer.add(environment)
        writer.add(directory)
        writer.add(user)
        writer.add(UInt8(hasInput ? 1 : 0))
        writer.add(UInt8(terminal == nil ? 0 : 1))
        writer.add(terminal?.rows ?? 0)
        writer.add(terminal?.columns ?? 0)
    }

    init(from reader: inout PayloadReader) throws(FrameError) {
        arguments = try reader.list()
        environment = try reader.list()
        directory = try reader.text()
        user = try reader.text()
        hasInput = try reader.number(UInt8.self) != 0
        let hasTerminal = try reader.number(UInt8.self) != 0
        let size = TerminalSize(rows: try reader.number(), columns: try reader.number())
        terminal = hasTerminal ? size : nil
        guard !arguments.isEmpty else { throw .malformed }
    }
}

/// The size of a terminal in characters.
public struct TerminalSize: Sendable, Equatable {
    /// How many lines.
    public var rows: UInt16
    /// How many characters in a line.
    public var columns: UInt16

    /// A size.
    public init(rows: UInt16, columns: UInt16) {
        self.rows = rows
        self.columns = columns
    }
}

/// A path of the guest to copy to or from.
public struct CopyRequest: Sendable {
    /// An absolute path.
    public var path: String
    /// Whether links at the path itself are followed.
    public var followsLink: Bool

    /// A copy to or from a path.
    public init(path: String, followsLink: Bool = false) {
        self.path = path
        self.followsLink = followsLink
    }

    func write(to writer: inout PayloadWriter) {
        writer.add(path)
        writer.add(UInt8(followsLink ? 1 : 0))
    }

    init(from reader: inout PayloadReader) throws(FrameError) {
        path = try reader.text()
        followsLink = try reader.number(UInt8.self) != 0
    }
}
