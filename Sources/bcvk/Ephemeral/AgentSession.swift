import Glibc
import GuestProtocol
import LinuxSystem
import SystemPackage
import VirtualMachine

/// A program in the guest on our own streams.
struct AgentSession {
    /// What is passed on to the program, beside the size of the terminal.
    static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH]

    private let record: MachineRecord

    init(_ record: MachineRecord) {
        self.record = record
    }

    /// Runs it and returns its exit code.
    func run(_ request: ExecuteRequest, signals: SignalDescriptor) throws -> Int32 {
        let isInteractive = request.terminal != nil && request.hasInput
        let execution = try GuestExecution(socket: FilePath(record.agentSocket), .execute(request))
        let terminal = isInteractive ? try RawTerminal(STDIN_FILENO) : nil
        defer { terminal?.restore() }
        let outcome = try execution.run(
            input: request.hasInput ? STDIN_FILENO : nil,
            output: { try StandardOutput.write($0) }, errorOutput: StandardError.write,
            events: [
                (
                    signals.descriptor.raw,
                    { execution in
                        while let number = try signals.next() {
                            if number != SIGWINCH {
                                try execution.signal(number)
                            } else if request.terminal != nil {
                                try execution.resize(RawTerminal.size(STDOUT_FILENO))
                            }
                        }
                    }
                )
            ])
        return try exitCode(outcome)
    }

    /// Runs it without handing signals on: they end us, and with us the machine.
    func run(_ request: ExecuteRequest, endingOn signals: SignalDescriptor) throws -> Int32 {
        do {
            return try exitCode(try outcome(of: request, until: GuestWait.Interrupted.by(signals)))
        } catch let interrupted as GuestWait.Interrupted {
            return TimeLimit.code(ofSignal: interrupted.signal)
        }
    }

    /// Runs it without an input, and tells how it ended.
    func outcome(of request: ExecuteRequest, until interruption: Interruption) throws -> GuestExecution.Outcome {
        let execution = try GuestExecution(socket: FilePath(record.agentSocket), .execute(request))
        return try execution.run(
            input: nil, output: { try StandardOutput.write($0) }, errorOutput: StandardError.write,
            events: [(interruption.descriptor, { _ in try interruption.check() })])
    }

    /// The exit code of what ended, or the error of what could not begin.
    func exitCode(_ outcome: GuestExecution.Outcome) throws -> Int32 {
        switch outcome {
        case .ended(.exited(let code)): return Int32(code)
        case .ended(.signalled(let number)): return 128 + Int32(number)
        case .refused(let refusal) where refusal.reason == .gone:
            throw try GuestWait(record, seconds: nil).ended(otherwise: refusal.text)
        case .refused(let refusal):
            Message.say("bcvk: \(record.name): \(refusal.text)")
            switch refusal.reason {
            case .notFound: return 127
            case .forbidden: return 126
            case .badRequest, .failed, .gone: return ExitCodes.failed
            }
        case .lost:
            throw try GuestWait(record, seconds: nil).ended()
        }
    }
}
