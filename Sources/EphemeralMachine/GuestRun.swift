internal import Glibc
internal import GuestProtocol
internal import LinuxSystem
internal import SystemPackage
internal import VirtualMachine

/// Requests to a machine's agent, with what comes back in memory and errors of this library.
struct GuestRun {
    private let record: MachineRecord

    init(_ record: MachineRecord) {
        self.record = record
    }

    func execute(_ request: ExecuteRequest, input: [UInt8], _ interruption: Interruption) throws -> Execution {
        let feeder = try InputFeeder(request.hasInput ? input : [])
        let execution = try GuestExecution(socket: FilePath(record.agentSocket), .execute(request))
        var output: [UInt8] = []
        var errorOutput: [UInt8] = []
        let outcome = try execution.run(
            input: request.hasInput ? feeder.descriptor : nil, output: { output += $0 },
            errorOutput: { errorOutput += $0 }, events: [(interruption.descriptor, { _ in try interruption.check() })])
        return Execution(exit: try exit(outcome, complaints: []), output: output, errorOutput: errorOutput)
    }

    /// Makes an error of a copy that was not carried through.
    func finish(_ result: GuestCopy.Result) throws {
        let end = try exit(result.outcome, complaints: result.complaints)
        if end != .code(0) { throw MachineFailure(.copy, describe(result.complaints)) }
    }

    private func exit(_ outcome: GuestExecution.Outcome, complaints: [String]) throws -> Execution.Exit {
        switch outcome {
        case .ended(.exited(let code)): return .code(code)
        case .ended(.signalled(let number)): return .signal(number)
        case .lost: throw try GuestWait(record, seconds: nil).ended()
        case .refused(let refusal):
            let text = describe([refusal.text] + complaints)
            switch refusal.reason {
            case .gone: throw try GuestWait(record, seconds: nil).ended(otherwise: refusal.text)
            case .notFound: throw MachineFailure(.programNotFound, text)
            case .forbidden: throw MachineFailure(.programForbidden, text)
            case .badRequest, .failed: throw MachineFailure(.guest, text)
            }
        }
    }

    private func describe(_ lines: [String]) -> String {
        "machine \(record.name): \(lines.joined(separator: "; "))"
    }
}

/// Bytes as a descriptor that is read: a pipe, and a thread that fills it for as long as anybody reads.
private final class InputFeeder {
    private var pipe: OwnedPipe
    private let thread: BackgroundThread

    var descriptor: Int32 { pipe.read }

    init(_ bytes: [UInt8]) throws {
        signal(SIGPIPE, SIG_IGN)
        pipe = try OwnedPipe()
        let writer = fcntl(pipe.write, F_DUPFD_CLOEXEC, 3)
        guard writer >= 0 else { throw SystemError("duplicate", "pipe") }
        pipe.closeWrite()
        thread = try BackgroundThread {
            defer { close(writer) }
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(writer, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                // Nobody reads any more: the program has ended without the rest.
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    deinit {
        pipe.closeRead()
        thread.join()
    }
}
