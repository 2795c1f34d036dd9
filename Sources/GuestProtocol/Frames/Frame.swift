/// One message between the host and the agent in the guest.
///
/// On the wire (little-endian): the payload's length in 4 bytes, the channel in 4, the kind in 1, three zero bytes, the payload.
/// A channel is one request with its streams. Channel 0 belongs to the agent itself.
public struct Frame: Sendable, Equatable {
    /// What a frame says. The raw values are the wire's.
    public enum Kind: UInt8, Sendable {
        // The guest's.
        /// The agent is there; the payload is its protocol version in two bytes.
        case hello = 0x01
        /// The request is carried out; the payload is the process id in four bytes.
        case started = 0x02
        /// Bytes of standard output.
        case output = 0x03
        /// Bytes of standard error.
        case errorOutput = 0x04
        /// The request has ended; the payload is an `Ending`. Nothing follows on this channel.
        case ended = 0x05
        /// The request cannot be carried out; the payload is a `Refusal`. Nothing follows on this channel.
        case refused = 0x06
        /// Something happened in the guest; the payload is a `GuestEvent`, the channel is 0.
        case event = 0x07

        // The host's.
        /// Begins a request; the payload is a `GuestRequest`.
        case open = 0x21
        /// Bytes for standard input.
        case input = 0x22
        /// Standard input has ended.
        case inputEnd = 0x23
        /// A signal for the process; the payload is its number in one byte.
        case signal = 0x24
        /// The terminal's new size; the payload is rows and columns in two bytes each.
        case resize = 0x25
        /// Nobody waits for the request any more.
        case close = 0x26

        // Between a client and the supervisor of a machine, never on the port.
        /// Asks to be told how far the guest is.
        case watch = 0x31
        /// How far the guest is, as JSON.
        case readiness = 0x32

        // Both.
        /// So many more bytes of a stream may be sent; the payload is a `Credit`.
        case credit = 0x41
    }

    /// The request that it belongs to.
    public var channel: UInt32
    /// What it says.
    public var kind: Kind
    /// The rest, at most `maximumPayload` bytes.
    public var payload: [UInt8]

    /// A frame.
    public init(_ kind: Kind, channel: UInt32, payload: [UInt8] = []) {
        self.kind = kind
        self.channel = channel
        self.payload = payload
    }

    /// The version of the protocol, told in the greeting. It changes when a frame changes its meaning.
    public static let version: UInt16 = 1
    /// The length of what precedes the payload.
    public static let headLength = 12
    /// More than this in one frame is a mistake or an attack.
    public static let maximumPayload = 64 << 10
    /// How many bytes of a stream may be under way before the receiver has said that it took some. It bounds what a relay must
    /// keep for a receiver that does not read.
    public static let window = 256 << 10

    /// Appends the frame as it goes over the wire.
    public func append(to bytes: inout [UInt8]) {
        Self.appendHead(kind, channel, payload.count, to: &bytes)
        bytes.append(contentsOf: payload)
    }

    /// Appends what precedes a payload, for those who have the payload in another place.
    public static func appendHead(_ kind: Kind, _ channel: UInt32, _ length: Int, to bytes: inout [UInt8]) {
        appendNumber(UInt32(truncatingIfNeeded: length), to: &bytes)
        appendNumber(channel, to: &bytes)
        appendNumber(UInt32(kind.rawValue), to: &bytes)
    }

    private static func appendNumber(_ value: UInt32, to bytes: inout [UInt8]) {
        for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}

/// Why bytes are no frames.
public enum FrameError: Error, Sendable, Equatable {
    /// A payload of more than `Frame.maximumPayload` bytes.
    case oversized(Int)
    /// A kind that this version does not know.
    case unknownKind(UInt8)
    /// A payload that its kind does not take.
    case malformed
}
