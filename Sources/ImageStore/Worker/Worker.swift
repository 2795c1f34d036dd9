import FoundationEssentials
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Who does the work that writes the store.
enum Worker: Sendable {
    /// A child process: the program, or this one, with these words, in a user namespace for an ordinary user.
    case child(program: FilePath?, arguments: [String])
    /// A thread of this process: for tests, which have no program to start.
    case thread

    /// Has the request done, and hands its progress on.
    /// - Parameters:
    ///   - subject: what messages call the work, as "unpacking IMAGE".
    ///   - note: told of what the user should know meanwhile.
    func run(
        _ request: WorkerRequest, subject: String, note: (String) -> Void = { _ in },
        _ progress: (_ done: Int64, _ total: Int64) -> Void
    ) throws -> WorkerResult {
        var input = try OwnedPipe()
        var output = try OwnedPipe()
        signal(SIGPIPE, SIG_IGN)
        let ending = try start(input.read, output.write)
        input.closeRead()
        output.closeWrite()
        try send(request, to: input.write)
        input.closeWrite()
        var lines = LineReader(output.read)
        var result: WorkerResult?
        var failure: StoreError?
        while let line = try lines.next() {
            switch try JSONDecoder().decode(WorkerMessage.self, from: Data(line)) {
            case .progress(let done, let total): progress(done, total)
            case .note(let text): note(text)
            case .finished(let found): result = found
            case .failed(let message, let blob?): failure = .damagedBlob(blob, during: subject, reason: message)
            case .failed(let message, nil): failure = .workFailed(subject, reason: message)
            }
        }
        let exit = try ending()
        if let failure { throw failure }
        guard exit == .exited(0), let result else { throw StoreError.workerDied(subject, reason: "\(exit)") }
        return result
    }

    /// The worker reads all of it before it does anything, so this cannot wait for ever. One that ends before it has read it
    /// says nothing, and is told of by how it ended.
    private func send(_ request: WorkerRequest, to input: Int32) throws {
        let bytes = Array(try JSONEncoder().encode(request))
        let own = OwnedDescriptor(owning: fcntl(input, F_DUPFD_CLOEXEC, 3))
        do {
            try own.writeAll(bytes, subject: "worker")
        } catch {
            guard error.errno == .brokenPipe else { throw error }
        }
    }

    /// Starts it with its two descriptors, and returns what waits for its end.
    private func start(_ input: Int32, _ output: Int32) throws -> () throws -> ExitStatus {
        switch self {
        case .child(let executable, let arguments):
            var program = ChildProgram(try executable ?? ProgramSearch.ownExecutable(), arguments)
            program.userNamespace = try UserNamespaceMap.forCurrentUser()
            program.parentDeathSignal = SIGKILL
            program.noNewPrivileges = true
            let child = try program.start(descriptors: [input, output, STDERR_FILENO])
            return { try child.wait() }
        case .thread:
            let (ownInput, ownOutput) = (dup(input), dup(output))
            let thread = try BackgroundThread {
                _ = StoreWorker.serve(input: ownInput, output: ownOutput, isConfined: false)
                close(ownOutput)
            }
            return {
                thread.join()
                return .exited(0)
            }
        }
    }
}

/// Lines of a descriptor.
struct LineReader {
    private let descriptor: Int32
    private var partial: [UInt8] = []

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    mutating func next() throws(SystemError) -> [UInt8]? {
        while true {
            if let end = partial.firstIndex(of: UInt8(ascii: "\n")) {
                defer { partial.removeSubrange(...end) }
                return Array(partial[..<end])
            }
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read from", "worker") }
            if count == 0 { return nil }
            partial += buffer[..<count]
        }
    }
}
