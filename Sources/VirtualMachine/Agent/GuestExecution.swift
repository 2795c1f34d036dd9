internal import Glibc
public import GuestProtocol
public import LinuxSystem
public import SystemPackage

/// One request to the agent in a guest, carried through with streams of this process.
///
/// Back pressure goes from end to end: what nobody reads here is not sent by the guest, and what the guest does not read is not
/// taken from the input.
public final class GuestExecution {
    /// How it went.
    public enum Outcome: Sendable {
        /// The guest's process ended.
        case ended(Ending)
        /// The guest cannot do it.
        case refused(Refusal)
        /// The machine ended, or its supervisor.
        case lost
    }

    private let socket: OwnedDescriptor
    private var reader = FrameReader()
    private var inputCredit = Frame.window
    private var inputIsOpen: Bool
    private var taken = (output: 0, error: 0)
    private var buffer = [UInt8](repeating: 0, count: 32 << 10)

    /// Connects to a machine's agent socket and asks. An agent that is not there yet is waited for.
    public init(socket path: FilePath, _ request: GuestRequest) throws(SystemError) {
        socket = try UnixSocket.connect(path)
        inputIsOpen =
            switch request {
            case .execute(let request): request.hasInput
            case .copyIn: true
            case .copyOut, .powerOff, .setClock, .suspend, .resume: false
            }
        try send(Frame(.open, channel: 0, payload: request.payload))
    }

    /// Carries it through.
    ///
    /// - Parameters:
    ///   - input: read for the guest's standard input, where the request has one.
    ///   - output: told what comes on standard output; it returns when the bytes are where they should go.
    ///   - errorOutput: the same for standard error.
    ///   - events: descriptors watched beside the streams, and what to do when one is ready.
    public func run(
        input: Int32?, output: (ArraySlice<UInt8>) throws -> Void, errorOutput: (ArraySlice<UInt8>) throws -> Void,
        events: [(descriptor: Int32, action: (GuestExecution) throws -> Void)] = []
    ) throws -> Outcome {
        if input == nil { try endInput() }
        while true {
            var interests = [Poller.Interest(socket.raw)] + events.map { Poller.Interest($0.descriptor) }
            if inputIsOpen, inputCredit > 0, let input { interests.append(Poller.Interest(input)) }
            let ready = try Poller.wait(interests)
            for event in events where ready.contains(event.descriptor) { try event.action(self) }
            if inputIsOpen, let input, ready.contains(input) { try sendInput(from: input) }
            if ready.contains(socket.raw) {
                guard let bytes = try receive() else { return .lost }
                reader.append(bytes)
                while let frame = try reader.next() {
                    switch frame.kind {
                    case .output:
                        try output(frame.payload[...])
                        try grant(.output, frame.payload.count, &taken.output)
                    case .errorOutput:
                        try errorOutput(frame.payload[...])
                        try grant(.errorOutput, frame.payload.count, &taken.error)
                    case .credit: inputCredit += Int(try Credit(frame.payload).count)
                    case .started: break
                    case .ended: return .ended(try Ending(frame.payload))
                    case .refused: return .refused(try Refusal(frame.payload))
                    default: throw FrameError.malformed
                    }
                }
            }
        }
    }

    /// Sends a signal to the guest's process.
    public func signal(_ number: Int32) throws {
        try send(Frame(.signal, channel: 0, payload: [UInt8(truncatingIfNeeded: number)]))
    }

    /// Tells the guest's terminal its size.
    public func resize(_ size: TerminalSize) throws {
        var writer = PayloadWriter()
        writer.add(size.rows)
        writer.add(size.columns)
        try send(Frame(.resize, channel: 0, payload: writer.bytes))
    }

    // MARK: Streams

    private func sendInput(from descriptor: Int32) throws {
        let most = min(buffer.count, inputCredit)
        let count = read(descriptor, &buffer, most)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        // A terminal whose other side is gone reads as an error (EIO); that is its end.
        guard count > 0 else { return try endInput() }
        inputCredit -= count
        try send(Frame(.input, channel: 0, payload: Array(buffer[..<count])))
    }

    private func endInput() throws {
        guard inputIsOpen else { return }
        inputIsOpen = false
        try send(Frame(.inputEnd, channel: 0))
    }

    private func grant(_ stream: GuestStream, _ count: Int, _ taken: inout Int) throws {
        taken += count
        guard taken >= Frame.window / 4 else { return }
        try send(Frame(.credit, channel: 0, payload: Credit(stream, taken).payload))
        taken = 0
    }

    private func send(_ frame: Frame) throws(SystemError) {
        var bytes: [UInt8] = []
        frame.append(to: &bytes)
        do {
            try socket.writeAll(bytes, subject: "agent")
        } catch {
            // The relay lets go of a client that it has told everything: what it said is still to be read.
            if error.errno != .brokenPipe && error.errno != .connectionReset { throw error }
        }
    }

    private func receive() throws(SystemError) -> ArraySlice<UInt8>? {
        while true {
            let count = recv(socket.raw, &buffer, buffer.count, 0)
            if count > 0 { return buffer[..<count] }
            if count == 0 || errno == ECONNRESET { return nil }
            if errno != EINTR { throw SystemError("read", "agent") }
        }
    }
}
