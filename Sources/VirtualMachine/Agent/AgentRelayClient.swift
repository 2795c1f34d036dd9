internal import GuestProtocol
internal import LinuxSystem

/// A client of the relay: a connection, and the one thing that it has asked for.
final class AgentRelayClient {
    private enum State {
        /// It has not asked yet.
        case new
        /// It has asked, and the agent is not there yet.
        case held(Frame)
        /// Its request has a channel.
        case open(UInt32)
        /// It wants to know how far the guest is.
        case watching
    }

    let channel: ByteChannel
    var reader = FrameReader()
    /// Whether nothing more comes for it.
    var isFinished = false
    private var state = State.new

    init(_ channel: ByteChannel) {
        self.channel = channel
    }

    /// Whether it has not asked for anything yet.
    var wantsRequest: Bool { if case .new = state { true } else { false } }
    /// Whether it watches.
    var isWatcher: Bool { if case .watching = state { true } else { false } }
    /// Its channel on the port.
    var number: UInt32? { if case .open(let number) = state { number } else { nil } }

    func hold(_ request: Frame) { state = .held(request) }
    func begin(_ number: UInt32) { state = .open(number) }
    func becomeWatcher() { state = .watching }

    /// The request that waited for the agent.
    func takeHeldRequest() -> Frame? {
        if case .held(let request) = state { request } else { nil }
    }

    /// Sends a frame; on the client's side every channel is 0.
    func send(_ frame: Frame) {
        var bytes: [UInt8] = []
        Frame(frame.kind, channel: 0, payload: frame.payload).append(to: &bytes)
        channel.append(bytes)
    }

    func tell(_ readiness: GuestReadiness) {
        // Encoding a few flags and names cannot fail.
        guard let line = try? JSONText.line(readiness), line.count <= Frame.maximumPayload else { return }
        send(Frame(.readiness, channel: 0, payload: line))
    }
}
