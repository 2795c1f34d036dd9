/// How a request has ended.
public enum Ending: Sendable, Equatable {
    /// The process ended by itself, with a code.
    case exited(UInt8)
    /// A signal ended it.
    case signalled(UInt8)

    /// The ending as a payload.
    public var payload: [UInt8] {
        switch self {
        case .exited(let code): [0, code]
        case .signalled(let number): [1, number]
        }
    }

    /// Reads a payload.
    public init(_ payload: [UInt8]) throws(FrameError) {
        guard payload.count == 2, payload[0] <= 1 else { throw .malformed }
        self = payload[0] == 0 ? .exited(payload[1]) : .signalled(payload[1])
    }
}

/// Why a request cannot be carried out.
public struct Refusal: Sendable {
    /// What kind of reason it is. The raw values are the wire's.
    public enum Reason: UInt8, Sendable {
        /// The request itself is wrong.
        case badRequest = 1
        /// There is no such program, path, user or directory.
        case notFound = 2
        /// It is there but may not be executed or read.
        case forbidden = 3
        /// The guest could not do it.
        case failed = 4
        /// The agent that did it is gone, and with it probably the machine.
        case gone = 5
    }

    /// What kind of reason it is.
    public var reason: Reason
    /// What was tried, on what, and why it failed.
    public var text: String

    /// A reason with its words.
    public init(_ reason: Reason, _ text: String) {
        self.reason = reason
        self.text = text
    }

    /// The refusal as a payload.
    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.add(reason.rawValue)
        writer.add(text)
        return writer.bytes
    }

    /// Reads a payload.
    public init(_ payload: [UInt8]) throws(FrameError) {
        var reader = PayloadReader(payload)
        guard let reason = Reason(rawValue: try reader.number()) else { throw .malformed }
        self.reason = reason
        text = try reader.text()
    }
}

/// The streams of a request, as credits name them. The raw values are the wire's.
public enum GuestStream: UInt8, Sendable {
    case input = 0, output = 1, errorOutput = 2
}

/// Leave to send more of a stream.
public struct Credit: Sendable, Equatable {
    /// Which stream.
    public var stream: GuestStream
    /// How many bytes more.
    public var count: UInt32

    /// Leave to send so many bytes more.
    public init(_ stream: GuestStream, _ count: Int) {
        self.stream = stream
        self.count = UInt32(truncatingIfNeeded: count)
    }

    /// The credit as a payload.
    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.add(stream.rawValue)
        writer.add(count)
        return writer.bytes
    }

    /// Reads a payload.
    public init(_ payload: [UInt8]) throws(FrameError) {
        var reader = PayloadReader(payload)
        guard let stream = GuestStream(rawValue: try reader.number()) else { throw .malformed }
        self.stream = stream
        count = try reader.number()
    }
}

/// What happened in the guest.
public enum GuestEvent: Sendable {
    /// The default target was reached; the units that have failed until then.
    case booted(failedUnits: [String])
    /// The ssh server has been started.
    case sshStarted
    /// systemd has given up the boot and offers a shell on the console.
    case emergency
    /// The service of an image without an init has ended, and the machine is about to.
    case serviceEnded(Ending)

    /// The event as a payload.
    public var payload: [UInt8] {
        var writer = PayloadWriter()
        switch self {
        case .booted(let units):
            writer.add(UInt8(1))
            writer.add(units)
        case .sshStarted: writer.add(UInt8(2))
        case .emergency: writer.add(UInt8(3))
        case .serviceEnded(let ending):
            writer.add(UInt8(4))
            writer.add(ending.payload)
        }
        return writer.bytes
    }

    /// Reads a payload.
    public init(_ payload: [UInt8]) throws(FrameError) {
        var reader = PayloadReader(payload)
        switch try reader.number(UInt8.self) {
        case 1: self = .booted(failedUnits: try reader.list())
        case 2: self = .sshStarted
        case 3: self = .emergency
        case 4: self = .serviceEnded(try Ending(try reader.data()))
        default: throw .malformed
        }
    }
}
