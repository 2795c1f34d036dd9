import CGuest

/// One request that is being carried out: a process with its streams, each with the leave that the host has given for it.
final class Session {
    let channel: UInt32
    let process: pid_t
    /// A terminal's controlling side serves as input and output; then there is no error stream.
    let isTerminal: Bool
    private(set) var input: Int32
    private(set) var output: Int32
    private(set) var errorOutput: Int32
    private var pendingInput = ByteQueue()
    private var inputHasEnded = false
    private var takenInput = 0
    private var outputCredit = Frame.window
    private var errorCredit = Frame.window
    /// How the process ended; nil while it runs.
    private var ending: Ending?
    /// Whether the host still wants to know.
    private(set) var isAbandoned = false

    init(channel: UInt32, process: pid_t, input: Int32, output: Int32, errorOutput: Int32, isTerminal: Bool) {
        self.channel = channel
        self.process = process
        self.input = input
        self.output = output
        self.errorOutput = errorOutput
        self.isTerminal = isTerminal
    }

    // MARK: What to wait for

    var wantsToWrite: Bool { input >= 0 && !pendingInput.isEmpty }
    var wantsOutput: Bool { output >= 0 && (outputCredit > 0 || isAbandoned) }
    var wantsErrorOutput: Bool { errorOutput >= 0 && (errorCredit > 0 || isAbandoned) }
    /// Whether everything that it will ever say is said.
    var isOver: Bool { ending != nil && output < 0 && errorOutput < 0 }

    // MARK: From the host

    func take(_ frame: Frame, into outgoing: inout ByteQueue) throws(FrameError) {
        switch frame.kind {
        case .input:
            pendingInput.append(frame.payload)
            // Without a reader it is as good as read: the sender must not wait for ever.
            if input < 0 { dropInput(into: &outgoing) }
        case .inputEnd:
            inputHasEnded = true
            endInputIfDue()
        case .credit:
            let credit = try Credit(frame.payload)
            switch credit.stream {
            case .output: outputCredit += Int(credit.count)
            case .errorOutput: errorCredit += Int(credit.count)
            case .input: throw .malformed
            }
        case .signal:
            guard frame.payload.count == 1 else { throw .malformed }
            kill(-process, Int32(frame.payload[0]))
        case .resize:
            var reader = PayloadReader(frame.payload)
            let rows = try reader.number(UInt16.self)
            let columns = try reader.number(UInt16.self)
            // A program that has closed its terminal has no use for the size.
            if isTerminal { _ = guest_resize_terminal(output, rows, columns) }
        case .close:
            isAbandoned = true
            kill(-process, SIGHUP)
            kill(-process, SIGCONT)
            closeInput()
        default: throw .malformed
        }
    }

    // MARK: To the process

    func writeInput(into outgoing: inout ByteQueue) {
        guard input >= 0 else { return }
        guard let count = pendingInput.write(to: input) else {
            // It has closed its standard input; what comes is dropped from now on.
            dropInput(into: &outgoing)
            closeInput()
            return
        }
        noteTaken(count, into: &outgoing)
        endInputIfDue()
    }

    private func dropInput(into outgoing: inout ByteQueue) {
        noteTaken(pendingInput.count, into: &outgoing)
        pendingInput.removeAll()
    }

    private func noteTaken(_ count: Int, into outgoing: inout ByteQueue) {
        takenInput += count
        guard takenInput >= Frame.window / 4 || (pendingInput.isEmpty && takenInput > 0) else { return }
        outgoing.append(Frame(.credit, channel: channel, payload: Credit(.input, takenInput).payload))
        takenInput = 0
    }

    private func endInputIfDue() {
        guard inputHasEnded, pendingInput.isEmpty, input >= 0 else { return }
        if isTerminal {
            // What a person types to end the input (termios(3), VEOF); the terminal itself stays.
            var end: UInt8 = 4
            write(input, &end, 1)
            inputHasEnded = false
        } else {
            closeInput()
        }
    }

    private func closeInput() {
        pendingInput.removeAll()
        if input >= 0, !isTerminal { close(input) }
        input = -1
    }

    // MARK: From the process

    func readOutput(_ buffer: inout [UInt8], into outgoing: inout ByteQueue) {
        if !read(output, .output, &outputCredit, &buffer, &outgoing) {
            close(output)
            output = -1
            if isTerminal { input = -1 }
        }
    }

    func readErrorOutput(_ buffer: inout [UInt8], into outgoing: inout ByteQueue) {
        if !read(errorOutput, .errorOutput, &errorCredit, &buffer, &outgoing) {
            close(errorOutput)
            errorOutput = -1
        }
    }

    /// Reads once. False when the stream is over: closed by all writers, or empty and its process gone (what a child in the
    /// background may still write is nobody's output).
    private func read(
        _ descriptor: Int32, _ kind: Frame.Kind, _ credit: inout Int, _ buffer: inout [UInt8],
        _ outgoing: inout ByteQueue
    ) -> Bool {
        let most = isAbandoned ? buffer.count : min(buffer.count, credit)
        let count = buffer.withUnsafeMutableBytes { CGuest.read(descriptor, $0.baseAddress, most) }
        if count < 0 {
            if guest_errno() == EINTR { return true }
            return guest_errno() == EAGAIN && ending == nil
        }
        if count == 0 { return false }
        if !isAbandoned {
            credit -= count
            outgoing.append(kind, channel, buffer[..<count])
        }
        return true
    }

    // MARK: Its end

    /// Looks whether the process has ended.
    func reap() {
        guard ending == nil else { return }
        var signalled = false
        var code: UInt8 = 0
        guard guest_reap(process, &signalled, &code) == 1 else { return }
        ending = signalled ? .signalled(code) : .exited(code)
    }

    /// Whether its process is gone, so that its streams are to be read to what they hold now.
    var hasEnded: Bool { ending != nil }

    /// Says the last word.
    func finish(into outgoing: inout ByteQueue) {
        closeInput()
        guard !isAbandoned, let ending else { return }
        outgoing.append(Frame(.ended, channel: channel, payload: ending.payload))
    }
}
