import ArgumentParser
import Glibc
import GuestProtocol
import LinuxSystem
import SystemPackage
import VirtualMachine

struct EphemeralExec: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run a program in a machine, without ssh and without a network.",
        discussion: """
            The words after the name are the program and its arguments, as they are; no shell looks at them. The exit code is \
            the program's, or 128 and the signal that ended it; 127 where there is no such program, 126 where it may not be \
            executed. Standard output and standard error stay apart. Signals are passed on.

              bcvk ephemeral exec box -- systemctl --failed
              bcvk ephemeral exec -it box -- bash
              tar -c . | bcvk ephemeral exec -i box -- tar -x -C /srv
            """)

    @Flag(name: .shortAndLong, help: "Hand on our standard input; without it the program has an empty one.")
    var interactive = false

    @Flag(name: .shortAndLong, help: "Give the program a terminal of the size of ours.")
    var tty = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("A variable of the program's environment; may be repeated.", valueName: "name=value"))
    var env: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("Where it starts; by default the user's home.", valueName: "dir"))
    var workdir: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Who runs it, names or numbers; by default root.", valueName: "user[:group]"))
    var user: String?

    @Option(help: ArgumentHelp("How long a machine that is still booting may take.", valueName: "seconds"))
    var bootTimeout: Int?

    @Argument(help: "The machine's name.")
    var name: String

    @Argument(parsing: .captureForPassthrough, help: "The program and its arguments.")
    var command: [String] = []

    func validate() throws {
        if words.isEmpty { throw ValidationError("name the program to run: exec NAME -- PROGRAM [ARGUMENT …]") }
        if let wrong = env.first(where: { !$0.contains("=") || $0.hasPrefix("=") }) {
            throw ValidationError("--env \(wrong): name=value is expected")
        }
        if tty, isatty(STDIN_FILENO) == 0, interactive {
            throw ValidationError("--tty with --interactive needs a terminal as standard input")
        }
    }

    private var words: [String] { command.first == "--" ? Array(command.dropFirst()) : command }

    func run() throws {
        let control = MachineControl(MachineRegistry(directory: Places.standard().state))
        let record = try control.running(name)
        let signals = try SignalDescriptor(AgentSession.signals)
        try GuestWait(record, seconds: bootTimeout).wait(for: .agent, interruption: GuestWait.Interrupted.by(signals))
        var request = ExecuteRequest(words)
        request.environment = env
        request.directory = workdir ?? ""
        request.user = user ?? ""
        request.hasInput = interactive
        if tty {
            request.terminal = RawTerminal.size(STDOUT_FILENO)
            request.environment.insert("TERM=\(getenv("TERM").map { String(cString: $0) } ?? "xterm")", at: 0)
        }
        throw ExitCode(try AgentSession(record).run(request, signals: signals))
    }
}
