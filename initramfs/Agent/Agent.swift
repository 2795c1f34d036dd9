import CGuest
import CLinux

/// The process that stays behind in the guest and does what the host asks for, over a virtio-serial port.
///
/// One thread, one place to wait. It keeps at most `Frame.window` bytes of each stream, so a program that floods its output or a
/// host that does not read costs a bounded amount of memory.
struct Agent {
    /// The name of the port, which the host gives to the device.
    static let portName = "org.bcvk.agent"

    private let port: Int32
    private let children: Int32
    private let events: Int32
    /// Tells when systemd has come to something; -1 where nobody asks, or it was told.
    private var reached: Int32
    private let environment: [String]
    private var reader = FrameReader()
    private var outgoing = ByteQueue()
    private var sessions: [Session] = []
    /// They wait until what they have told is on its way.
    private var eventSenders: [Int32] = []
    /// What the host was told of the boot: a host that resumes the machine has to know it too.
    private var told: [[UInt8]] = []
    /// Whether the machine's state is being saved, or was: nothing is said before a host has resumed it.
    private var isSuspended = false
    /// The ssh server while the state is saved.
    private var server: ServerAwaitingKey?
    private var buffer = [UInt8](repeating: 0, count: 32 << 10)

    /// Above this the host does not keep up, and programs have to wait with their output.
    private static let fullQueue = 1 << 20
    /// More kinds of events than there are.
    private static let toldLimit = 16

    private init(environment: [String]) throws(GuestError) {
        children = guest_watch_children()
        guard children >= 0 else { throw GuestError("watch", "children") }
        events = guest_listen_for_events(Places.events)
        guard events >= 0 else { throw GuestError("listen on", Places.events) }
        reached = WholeFile.exists(Places.reached) ? clinux_watch_directory(Places.reached) : -1
        // Whoever has an event to tell does not wait as long as the port may take.
        port = try Self.openPort()
        self.environment = environment
    }

    /// Serves until the machine ends.
    static func run(environment: [String]) throws(GuestError) {
        guest_occupy_standard_streams()
        guest_detach()
        var agent = try Agent(environment: environment)
        agent.greet()
        // It may have been before the agent.
        agent.lookForServer()
        while true { try agent.turn() }
    }

    /// The kernel makes a port when the host has told it of it, which a busy host may do a while after the device is there.
    private static func openPort() throws(GuestError) -> Int32 {
        var looks = 1000
        while true {
            let port = guest_open_port(portName)
            if port >= 0 { return port }
            let mayCome = guest_errno() == ENODEV || guest_errno() == ENXIO || guest_errno() == ENOENT
            guard mayCome, looks > 0 else { throw GuestError("open", "port \(portName)") }
            looks -= 1
            usleep(10_000)
        }
    }

    private mutating func greet() {
        var writer = PayloadWriter()
        writer.add(Frame.version)
        outgoing.append(Frame(.hello, channel: 0, payload: writer.bytes))
    }

    /// Waits for something and does what is due.
    private mutating func turn() throws(GuestError) {
        let mayRead = outgoing.count < Self.fullQueue
        var waits = [
            pollfd(fd: port, events: guest_poll_in | (outgoing.isEmpty ? 0 : guest_poll_out), revents: 0),
            pollfd(fd: children, events: guest_poll_in, revents: 0),
            pollfd(fd: events, events: guest_poll_in, revents: 0),
            pollfd(fd: reached, events: guest_poll_in, revents: 0),
        ]
        let first = waits.count
        for session in sessions {
            let output = mayRead && session.wantsOutput ? session.output : -1
            let error = mayRead && session.wantsErrorOutput ? session.errorOutput : -1
            waits.append(pollfd(fd: session.wantsToWrite ? session.input : -1, events: guest_poll_out, revents: 0))
            waits.append(pollfd(fd: output, events: guest_poll_in, revents: 0))
            waits.append(pollfd(fd: error, events: guest_poll_in, revents: 0))
        }
        // Streams of a process that is gone are read without being asked: an empty pipe that others hold open never answers.
        var isDue = false
        for session in sessions where session.hasEnded && mayRead {
            if session.wantsOutput || session.wantsErrorOutput { isDue = true }
        }
        if poll(&waits, nfds_t(waits.count), isDue ? 0 : -1) < 0 {
            if guest_errno() == EINTR { return }
            throw GuestError("wait for", "the host")
        }
        if waits[1].revents != 0 {
            guest_clear_children(children)
            for session in sessions { session.reap() }
        }
        for index in sessions.indices {
            let session = sessions[index]
            let place = first + index * 3
            if waits[place].revents != 0 { session.writeInput(into: &outgoing) }
            if mayRead, session.wantsOutput, waits[place + 1].revents != 0 || session.hasEnded {
                session.readOutput(&buffer, into: &outgoing)
            }
            if mayRead, session.wantsErrorOutput, waits[place + 2].revents != 0 || session.hasEnded {
                session.readErrorOutput(&buffer, into: &outgoing)
            }
        }
        finishSessions()
        if waits[2].revents != 0 { takeEvent() }
        if waits[3].revents != 0 { lookForServer() }
        if waits[0].revents & guest_poll_in != 0 { try receive() }
        if !outgoing.isEmpty, outgoing.write(to: port) == nil { throw GuestError("write to", "the host") }
        if outgoing.isEmpty {
            for sender in eventSenders { close(sender) }
            eventSenders.removeAll()
        }
    }

    private mutating func finishSessions() {
        for session in sessions where session.isOver { session.finish(into: &outgoing) }
        sessions.removeAll { $0.isOver }
    }

    // MARK: From the host

    private mutating func receive() throws(GuestError) {
        let count = buffer.withUnsafeMutableBytes { read(port, $0.baseAddress, $0.count) }
        if count < 0 {
            if guest_errno() == EINTR || guest_errno() == EAGAIN { return }
            throw GuestError("read from", "the host")
        }
        reader.append(buffer[..<count])
        do throws(FrameError) {
            while let frame = try reader.next() { handle(frame) }
        } catch {
            throw GuestError("understand", "the host", reason: "what it sends is not this protocol")
        }
    }

    private mutating func handle(_ frame: Frame) {
        if frame.kind == .open { return open(frame) }
        for session in sessions where session.channel == frame.channel {
            do throws(FrameError) {
                try session.take(frame, into: &outgoing)
            } catch {
                refuse(frame.channel, Refusal(.badRequest, "a frame that its kind does not take"))
            }
            return
        }
        // What was sent before the end of the request was known is no mistake.
    }

    private mutating func open(_ frame: Frame) {
        do throws(FrameError) {
            try start(try GuestRequest(frame.payload), frame.channel)
        } catch {
            refuse(frame.channel, Refusal(.badRequest, "the request is not one of protocol version \(Frame.version)"))
        }
    }

    private mutating func start(_ request: GuestRequest, _ channel: UInt32) throws(FrameError) {
        if case .resume(let request) = request { return resume(request, channel) }
        if isSuspended { return refuse(channel, Refusal(.failed, "the machine is not resumed yet")) }
        do throws(SessionStart.Failure) {
            switch request {
            case .execute(let request):
                add(try SessionStart.execute(request, channel: channel, environment: environment))
            case .copyIn(let request):
                add(try SessionStart.task(channel: channel, hasInput: true) { CopyTask.receive(request) })
            case .copyOut(let request):
                add(try SessionStart.task(channel: channel, hasInput: false) { CopyTask.send(request) })
            case .powerOff:
                answer(channel, guest_ask_for_power_off(), "signal", "process 1")
            case .setClock(let seconds, let nanoseconds):
                answer(channel, guest_set_clock(seconds, nanoseconds), "set", "clock")
            case .suspend: suspend(channel)
            case .resume: break
            }
        } catch {
            refuse(channel, error.refusal)
        }
    }

    private mutating func suspend(_ channel: UInt32) {
        guard sessions.isEmpty else { return refuse(channel, Refusal(.failed, "programs of the host still run")) }
        do throws(GuestError) {
            server = ServerAwaitingKey.stop(in: try RootTree("/"))
        } catch {
            return refuse(channel, Refusal(.failed, error.text))
        }
        isSuspended = true
        answer(channel, 0, "suspend", "agent")
    }

    private mutating func resume(_ request: ResumeRequest, _ channel: UInt32) {
        guard isSuspended else { return refuse(channel, Refusal(.badRequest, "the machine was not suspended")) }
        do throws(GuestError) {
            try Resumption.apply(request, server: server)
        } catch {
            return refuse(channel, Refusal(.failed, error.text))
        }
        server = nil
        isSuspended = false
        // To this host the agent has only now come to be.
        greet()
        for event in told { outgoing.append(Frame(.event, channel: 0, payload: event)) }
        answer(channel, 0, "resume", "agent")
    }

    private mutating func add(_ session: Session) {
        sessions.append(session)
        var writer = PayloadWriter()
        writer.add(UInt32(bitPattern: session.process))
        outgoing.append(Frame(.started, channel: session.channel, payload: writer.bytes))
    }

    private mutating func answer(_ channel: UInt32, _ result: Int32, _ operation: String, _ subject: String) {
        if result != 0 { return refuse(channel, Refusal(.failed, GuestError(operation, subject).text)) }
        outgoing.append(Frame(.ended, channel: channel, payload: Ending.exited(0).payload))
    }

    private mutating func refuse(_ channel: UInt32, _ refusal: Refusal) {
        outgoing.append(Frame(.refused, channel: channel, payload: refusal.payload))
    }

    // MARK: From the guest

    private mutating func takeEvent() {
        var sender: Int32 = -1
        let count = buffer.withUnsafeMutableBytes { guest_take_event(events, $0.baseAddress, $0.count, &sender) }
        guard count > 0 else { return }
        eventSenders.append(sender)
        let payload = Array(buffer[..<count])
        do throws(FrameError) {
            _ = try GuestEvent(payload)
            tell(payload)
        } catch {
            Console.warn("an event that is none")
        }
    }

    private mutating func tell(_ event: [UInt8]) {
        if told.count < Self.toldLimit { told.append(event) }
        if !isSuspended { outgoing.append(Frame(.event, channel: 0, payload: event)) }
    }

    /// Tells once that the ssh server was started.
    private mutating func lookForServer() {
        guard reached >= 0 else { return }
        clinux_drain(reached)
        guard WholeFile.exists(Places.reachedSSH) else { return }
        close(reached)
        reached = -1
        tell(GuestEvent.sshStarted.payload)
    }
}
