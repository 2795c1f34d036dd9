import CGuest

/// Beginning what a request asks for.
enum SessionStart {
    /// Why a request cannot be carried out, in the form in which the host is told.
    struct Failure: Error {
        let refusal: Refusal
    }

    static func execute(
        _ request: ExecuteRequest, channel: UInt32, environment configured: [String]
    ) throws(Failure) -> Session {
        let account: ProgramIdentity
        do throws(GuestError) {
            account = try ProgramIdentity.find(request.user)
        } catch {
            throw Failure(refusal: Refusal(.notFound, error.text))
        }
        var environment = ProgramEnvironment(account)
        for word in configured + request.environment { environment.set(word) }

        let streams = try Streams(request)
        let directory = request.directory.utf8.isEmpty ? existing(account.home) : request.directory
        let program = ProgramStart(
            arguments: request.arguments, environment: environment.words, directory: directory, identity: account,
            streams: (streams.theirInput, streams.theirOutput, streams.theirError), hasTerminal: request.terminal != nil
        )
        do throws(ProgramStart.Failure) {
            let process = try program.start()
            streams.closeTheirs()
            return streams.session(channel, process)
        } catch {
            streams.closeTheirs()
            streams.closeOurs()
            throw Failure(refusal: refusal(error.step, error.code, request, directory))
        }
    }

    /// Does the work of a copy in a child, so that it may wait for files and streams.
    static func task(channel: UInt32, hasInput: Bool, _ work: () -> Int32) throws(Failure) -> Session {
        var request = ExecuteRequest(["copy"])
        request.hasInput = hasInput
        let streams = try Streams(request)
        var descriptors = (streams.theirInput, streams.theirOutput, streams.theirError)
        let process = withUnsafePointer(to: &descriptors) { pointer in
            pointer.withMemoryRebound(to: Int32.self, capacity: 3) { guest_fork($0) }
        }
        if process == 0 { _exit(work()) }
        let code = guest_errno()
        streams.closeTheirs()
        guard process > 0 else {
            streams.closeOurs()
            throw Failure(refusal: Refusal(.failed, GuestError("start", "a process", code: code).text))
        }
        return streams.session(channel, process)
    }

    /// A home that is not there is no reason to refuse.
    private static func existing(_ directory: String) -> String {
        access(directory, X_OK) == 0 ? directory : "/"
    }

    private static func refusal(
        _ step: guest_start_step, _ code: Int32, _ request: ExecuteRequest, _ directory: String
    ) -> Refusal {
        let reason: Refusal.Reason =
            code == ENOENT || code == ENOTDIR ? .notFound : code == EACCES || code == ENOEXEC ? .forbidden : .failed
        switch step {
        case GUEST_START_DIRECTORY: return Refusal(reason, GuestError("change to", directory, code: code).text)
        case GUEST_START_EXECUTE: return Refusal(reason, GuestError("execute", request.arguments[0], code: code).text)
        case GUEST_START_IDENTITY: return Refusal(.failed, GuestError("become", request.user, code: code).text)
        default: return Refusal(.failed, GuestError("start", "a process", code: code).text)
        }
    }
}

/// The streams between the agent and a process, both sides.
private struct Streams {
    var theirInput: Int32 = -1
    var theirOutput: Int32 = -1
    var theirError: Int32 = -1
    var input: Int32 = -1
    var output: Int32 = -1
    var error: Int32 = -1
    var isTerminal = false

    init(_ request: ExecuteRequest) throws(SessionStart.Failure) {
        let isMade = request.terminal.map { makeTerminal($0) } ?? makePipes(request.hasInput)
        if !isMade {
            let code = guest_errno()
            closeTheirs()
            closeOurs()
            throw SessionStart.Failure(
                refusal: Refusal(.failed, GuestError("create", "streams", code: code).text))
        }
    }

    private mutating func makeTerminal(_ size: TerminalSize) -> Bool {
        var controller: Int32 = -1
        var terminal: Int32 = -1
        guard guest_open_terminal(size.rows, size.columns, &controller, &terminal) == 0 else { return false }
        isTerminal = true
        input = controller
        output = controller
        theirInput = terminal
        theirOutput = terminal
        theirError = terminal
        return true
    }

    private mutating func makePipes(_ hasInput: Bool) -> Bool {
        if hasInput {
            guard let ends = pipe(ours: 1) else { return false }
            (theirInput, input) = ends
        } else {
            theirInput = guest_open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard theirInput >= 0 else { return false }
        }
        guard let outputs = pipe(ours: 0) else { return false }
        (output, theirOutput) = outputs
        guard let errors = pipe(ours: 0) else { return false }
        (error, theirError) = errors
        return true
    }

    private func pipe(ours: Int32) -> (Int32, Int32)? {
        var ends: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutablePointer(to: &ends) { pointer in
            pointer.withMemoryRebound(to: Int32.self, capacity: 2) { guest_pipe($0, ours) }
        }
        return result == 0 ? ends : nil
    }

    func closeTheirs() {
        closeEach(theirInput, theirOutput, theirError)
    }

    func closeOurs() {
        closeEach(input, output, error)
    }

    /// A terminal stands in all three places but is closed once.
    private func closeEach(_ first: Int32, _ second: Int32, _ third: Int32) {
        if first >= 0 { close(first) }
        if second >= 0, second != first { close(second) }
        if third >= 0, third != first { close(third) }
    }

    func session(_ channel: UInt32, _ process: pid_t) -> Session {
        Session(
            channel: channel, process: process, input: input, output: output, errorOutput: error,
            isTerminal: isTerminal)
    }
}
