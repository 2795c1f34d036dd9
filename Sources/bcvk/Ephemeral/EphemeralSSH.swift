import ArgumentParser
import Glibc
import LinuxSystem
import VirtualMachine

struct EphemeralSSH: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh", abstract: "Log in to a machine, or run a command in it.",
        discussion: """
            A single COMMAND goes to the guest's shell as it is; several words arrive as the same words. The exit code is \
            the command's; 255 means that ssh itself failed.
            """)

    @Option(help: ArgumentHelp("How long a machine that is still booting may take.", valueName: "seconds"))
    var bootTimeout: Int?

    @Argument(help: "The machine's name.")
    var name: String

    @Argument(parsing: .captureForPassthrough, help: "Options of ssh, then the command.")
    var words: [String] = []

    func run() throws {
        let signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP])
        let control = MachineControl(MachineRegistry(directory: Places.standard().state))
        let record = try control.running(name)
        guard record.hasSSH else { throw MachineError.noNetwork(name) }
        guard let supervisor = try control.supervisor(of: record) else {
            throw MachineError.notRunning(name, reason: "it is just ending")
        }
        let wait = GuestWait(record, seconds: bootTimeout)
        let connection: SSHConnection
        do {
            let answer = try wait.waitForSSH(
                port: record.sshPort, machine: supervisor.descriptor.raw,
                interruption: GuestWait.Interrupted.by(signals))
            guard let answer else { throw wait.ended(reason: try reasonOfEnd()) }
            connection = try SSHConnection(answer)
        } catch let interrupted as GuestWait.Interrupted {
            throw ExitCode(128 + interrupted.signal)
        }
        let split = SSHWords(words)
        let command = SSHCommand(
            port: record.sshPort, key: record.sshKey, user: record.sshUser, options: split.options,
            command: split.command, wantsTerminal: Terminal.isInteractive)
        switch try SSHSession.run(
            command, over: connection, machine: supervisor.descriptor.raw, signals: signals)
        {
        case .client(let status): throw ExitCode(status.shellCode)
        case .signal(let number): throw ExitCode(128 + number)
        case .machine: throw wait.ended(reason: try reasonOfEnd())
        }
    }

    /// What the supervisor wrote down; a machine started with --rm has left no record.
    private func reasonOfEnd() throws -> String {
        do {
            let record = try MachineRegistry(directory: Places.standard().state).find(name)
            return record.reason ?? record.state.rawValue
        } catch MachineError.noSuchMachine {
            return "it was removed"
        }
    }
}
