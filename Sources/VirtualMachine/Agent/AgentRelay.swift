internal import GuestProtocol
package import LinuxSystem

/// The supervisor's part: one port to the guest's agent, any number of clients, and frames that go between them.
///
/// It looks into no stream. Each client has one request, whose channel on the port is made here; so a client reaches no other
/// client's streams, and the guest no client that has not asked. Flow control is the ends' business: what must be kept for a
/// client is bounded by the window, and a guest that sends more than it may loses the client.
package final class AgentRelay {
    private let port: ByteChannel
    private let listener: OwnedDescriptor
    private var reader = FrameReader()
    private var clients: [Int32: AgentRelayClient] = [:]
    private var channels: [UInt32: Int32] = [:]
    private var lastChannel: UInt32 = 0
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)
    private var portIsOpen = true
    /// How many agents have greeted.
    private var greetings = 0
    /// How far the guest is.
    private(set) var readiness = GuestReadiness()
    /// Whether that has changed since it was last looked at.
    var hasNews = false
    /// What came of the supervisor's own last request; nil while there is no answer.
    private(set) var ownAnswer: OwnAnswer?

    /// The end of a request of the supervisor's own.
    enum OwnAnswer {
        case done
        case refused(String)
        /// There is no agent any more.
        case gone
    }

    /// The channel of what nobody waits for.
    private static let deafChannel = UInt32.max
    /// The channel of the supervisor's own requests, one at a time.
    private static let ownChannel = UInt32.max - 1

    /// Above this the guest does not keep up, and clients have to wait.
    private static let fullQueue = 1 << 20
    /// More than the windows of both output streams is more than an honest agent sends.
    private static let clientLimit = 4 * Frame.window

    package init(port: consuming OwnedDescriptor, listener: consuming OwnedDescriptor) throws(SystemError) {
        self.port = try ByteChannel(port)
        try listener.setNonBlocking()
        self.listener = listener
    }

    package var interests: [Poller.Interest] {
        var all = [Poller.Interest(listener.raw)]
        if portIsOpen { all.append(Poller.Interest(port.descriptor, writes: port.pendingCount > 0)) }
        let guestKeepsUp = port.pendingCount < Self.fullQueue
        for client in clients.values {
            let reads = client.wantsRequest || (guestKeepsUp && readiness.agent)
            all.append(
                Poller.Interest(client.channel.descriptor, reads: reads, writes: client.channel.pendingCount > 0))
        }
        return all
    }

    /// Does what has become possible.
    package func process(_ ready: Poller.Readiness) throws {
        if portIsOpen, ready.contains(port.descriptor) { receiveFromGuest() }
        if ready.contains(listener.raw) { try accept() }
        for (descriptor, client) in clients where ready.contains(descriptor) {
            receive(from: client)
        }
        flush()
    }

    /// The port was closed in the guest: its agent is gone, and so is what it did for anybody. What it had said by then is
    /// handed on, for the news may come by another way faster.
    package func guestClosedPort() {
        guard readiness.agent else { return }
        let known = greetings
        receiveRest()
        // Where the next agent is there already, its greeting has done all this.
        if greetings == known { loseAgent() } else { flush() }
    }

    /// The machine is over. Nothing more goes to the guest; what it has said is still to be read.
    package func hearOut() {
        receiveRest()
        portIsOpen = false
        loseAgent()
    }

    /// Hands on what a guest has said whose machine is over.
    /// - Parameters:
    ///   - milliseconds: how long to wait for clients that do not read.
    ///   - descriptors: one that is ready ends the wait.
    package func deliver(milliseconds: Int, orUntil descriptors: [Int32]) throws(SystemError) {
        hearOut()
        let start = ContinuousClock.now
        while true {
            let late = clients.values.filter { $0.channel.pendingCount > 0 }
            let left = milliseconds - Poller.milliseconds(since: start)
            guard !late.isEmpty, left > 0 else { return }
            let interests = late.map { Poller.Interest($0.channel.descriptor, writes: true) }
            let ready = try Poller.wait(interests + descriptors.map { Poller.Interest($0) }, milliseconds: left)
            if descriptors.contains(where: ready.contains) { return }
            // A client that cannot write to us may not come to read.
            for client in late where ready.canRead(client.channel.descriptor) {
                if client.channel.read(into: &buffer) == nil { drop(client) }
            }
            flush()
        }
    }

    private func loseAgent() {
        guard readiness.agent else { return }
        readiness.agent = false
        hasNews = true
        reader = FrameReader()
        ownAnswer = .gone
        refuseAll("the agent in the guest is gone")
        flush()
    }

    /// Asks the agent to end the machine. False when there is none.
    func askForPowerOff() -> Bool {
        guard readiness.agent else { return false }
        // Nobody waits for the answer: its channel is no client's.
        sendToGuest(Frame(.open, channel: Self.deafChannel, payload: GuestRequest.powerOff.payload))
        flush()
        return true
    }

    /// Asks the agent for something, whether it has said that it is there or not; `ownAnswer` says what came of it.
    func ask(_ request: GuestRequest) {
        ownAnswer = nil
        sendToGuest(Frame(.open, channel: Self.ownChannel, payload: request.payload))
        flush()
    }

    // MARK: The guest

    /// Reads once, and hands on what has come. False when there was nothing.
    @discardableResult
    private func receiveFromGuest() -> Bool {
        guard let bytes = port.read(into: &buffer) else {
            portIsOpen = false
            loseAgent()
            return false
        }
        reader.append(bytes)
        do throws(FrameError) {
            while let frame = try reader.next() { try handle(frame) }
        } catch {
            // Nothing that follows could be understood either.
            portIsOpen = false
            loseAgent()
        }
        return !bytes.isEmpty
    }

    /// Reads what is there: no more than a socket holds, for a guest may go on talking.
    private func receiveRest() {
        var reads = 16
        while portIsOpen, reads > 0, receiveFromGuest() { reads -= 1 }
    }

    private func handle(_ frame: Frame) throws(FrameError) {
        switch frame.kind {
        case .hello: try greet(frame)
        case .event where frame.channel == 0:
            readiness.note(try GuestEvent(frame.payload))
            hasNews = true
            tellWatchers()
        case .ended where frame.channel == Self.ownChannel: ownAnswer = .done
        case .refused where frame.channel == Self.ownChannel:
            ownAnswer = .refused(try Refusal(frame.payload).text)
        case .started, .output, .errorOutput, .credit, .ended, .refused:
            guard let descriptor = channels[frame.channel], let client = clients[descriptor] else { return }
            client.send(frame)
            if frame.kind == .ended || frame.kind == .refused { client.isFinished = true }
            if client.channel.pendingCount > Self.clientLimit { drop(client) }
        default: throw .malformed
        }
    }

    private func greet(_ frame: Frame) throws(FrameError) {
        var reader = PayloadReader(frame.payload)
        guard try reader.number(UInt16.self) == Frame.version else { throw .malformed }
        // A second greeting is a second agent, which knows nothing of what the first one did.
        if readiness.agent { refuseAll("the agent in the guest was started again") }
        greetings += 1
        readiness.agent = true
        hasNews = true
        tellWatchers()
        for client in clients.values {
            if let request = client.takeHeldRequest() { open(request, for: client) }
        }
    }

    // MARK: Clients

    private func accept() throws {
        guard let socket = try UnixSocket.accept(listener) else { return }
        let client = AgentRelayClient(try ByteChannel(socket))
        clients[client.channel.descriptor] = client
    }

    private func receive(from client: AgentRelayClient) {
        guard let bytes = client.channel.read(into: &buffer) else { return drop(client) }
        do throws(FrameError) {
            client.reader.append(bytes)
            while let frame = try client.reader.next() { try handle(frame, from: client) }
        } catch {
            refuse(client, .badRequest, "a client that speaks another protocol")
        }
    }

    private func handle(_ frame: Frame, from client: AgentRelayClient) throws(FrameError) {
        switch frame.kind {
        case .watch where client.wantsRequest:
            client.becomeWatcher()
            client.tell(readiness)
        case .open where client.wantsRequest:
            if readiness.agent { open(frame, for: client) } else { client.hold(frame) }
        case .input, .inputEnd, .signal, .resize, .credit:
            guard let channel = client.number else { throw .malformed }
            sendToGuest(Frame(frame.kind, channel: channel, payload: frame.payload))
        default: throw .malformed
        }
    }

    private func open(_ request: Frame, for client: AgentRelayClient) {
        lastChannel &+= 1
        if lastChannel == 0 || lastChannel >= Self.ownChannel { lastChannel = 1 }
        client.begin(lastChannel)
        channels[lastChannel] = client.channel.descriptor
        sendToGuest(Frame(.open, channel: lastChannel, payload: request.payload))
    }

    private func refuse(_ client: AgentRelayClient, _ reason: Refusal.Reason, _ text: String) {
        client.send(Frame(.refused, channel: 0, payload: Refusal(reason, text).payload))
        client.isFinished = true
    }

    private func refuseAll(_ text: String) {
        for client in clients.values where client.number != nil { refuse(client, .gone, text) }
        channels.removeAll()
    }

    private func tellWatchers() {
        for client in clients.values where client.isWatcher {
            client.tell(readiness)
            // A guest may have news without end, and a watcher may not read.
            if client.channel.pendingCount > Self.clientLimit { drop(client) }
        }
    }

    private func drop(_ client: AgentRelayClient) {
        if let number = client.number, channels.removeValue(forKey: number) != nil, !client.isFinished {
            sendToGuest(Frame(.close, channel: number))
        }
        clients[client.channel.descriptor] = nil
    }

    // MARK: Sending

    private func sendToGuest(_ frame: Frame) {
        guard portIsOpen else { return }
        var bytes: [UInt8] = []
        frame.append(to: &bytes)
        port.append(bytes)
    }

    private func flush() {
        if portIsOpen, !port.flush() { hearOut() }
        for client in clients.values {
            // A client that has been told everything is let go.
            let isAlive = client.channel.flush()
            if !isAlive || (client.isFinished && client.channel.pendingCount == 0) { drop(client) }
        }
    }
}
