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
        let started = try start()
        let result = try started.run(request, subject: subject, note: note, progress)
        try started.end(subject)
        return result
    }

    /// Starts it. It has no request yet, and takes as long to begin as a small one takes.
    func start() throws -> StartedWorker {
        var input = try OwnedPipe()
        var output = try OwnedPipe()
        signal(SIGPIPE, SIG_IGN)
        let ending = try start(input.read, output.write)
        input.closeRead()
        output.closeWrite()
        return StartedWorker(input: input, output: output, ending)
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
            let (ownInput, ownOutput) = (fcntl(input, F_DUPFD_CLOEXEC, 3), fcntl(output, F_DUPFD_CLOEXEC, 3))
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
