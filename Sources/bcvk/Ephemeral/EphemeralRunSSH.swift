import ArgumentParser
import LinuxSystem
import VirtualMachine

struct EphemeralRunSSH: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run-ssh", abstract: "Boot an image, log in or run a command, and forget the machine.",
        discussion: """
            A single COMMAND goes to the guest's shell as it is; several words arrive as the same words. Without one there \
            is a login shell. The exit code is the command's.

              bcvk ephemeral run-ssh IMAGE -- 'systemctl is-system-running --wait && uname -r'
            """)

    @OptionGroup
    var options: MachineOptions

    @OptionGroup(title: "Image options")
    var imageOptions: ImageOptions

    @OptionGroup(title: "Log options")
    var logs: LogOptions

    @Option(
        help: ArgumentHelp(
            "How long the boot may take, up to an answer of the ssh server; by default 240, translated 600.",
            valueName: "seconds"))
    var bootTimeout: Int?

    @OptionGroup
    var limit: TimeLimit

    @Argument(help: "The image.")
    var image: String

    @Argument(parsing: .postTerminator, help: "What to run in the guest.")
    var command: [String] = []

    func validate() throws {
        if options.network.network == .none {
            throw ValidationError(
                "\(RequestError.contradiction("--network none", "run-ssh")): there would be no way for ssh")
        }
    }

    func run() throws {
        let timing = Timing()
        limit.begin()
        var request = options.request(isVerbose: false, removeAtExit: true)
        // A person may well end a machine from inside.
        request.mustNotEnd = !command.isEmpty
        try logs.apply(to: &request)
        let machine = try MachineStart(
            image, imageOptions, request, attached: true, bootTimeout: bootTimeout, timing: timing)
        let code: Int32
        do {
            code = try session(machine, timing)
        } catch {
            try machine.discard()
            throw error
        }
        try machine.discard()
        timing.mark("removed")
        throw ExitCode(code)
    }

    private func session(_ machine: MachineStart, _ timing: Timing) throws -> Int32 {
        let signals = machine.signals
        let record = machine.record
        let wait = GuestWait(record, seconds: bootTimeout)
        let spinner = ProgressBar()
        spinner.show("booting \(record.name)")
        defer { spinner.clear() }
        let connection: SSHConnection
        do {
            let answer = try wait.waitForSSH(
                port: machine.sshPort, machine: machine.link.descriptor, interruption: machine.interruption)
            guard let answer else { throw wait.ended(reason: try machine.end().reason) }
            connection = try SSHConnection(answer)
        } catch let interrupted as GuestWait.Interrupted {
            spinner.clear()
            return TimeLimit.code(ofSignal: interrupted.signal)
        }
        spinner.clear()
        timing.mark("ssh")
        let ssh = SSHCommand(
            port: machine.sshPort, key: record.sshKey, user: record.sshUser, command: command,
            wantsTerminal: Terminal.isInteractive)
        switch try SSHSession.run(
            ssh, over: connection, machine: machine.link.descriptor, signals: signals)
        {
        case .client(let status):
            timing.mark("command")
            // ssh says 255 for a connection that was lost; if the machine is gone, that is the reason to tell.
            if status == .exited(255), case .ended(let reason, _, _)? = try machine.link.next(milliseconds: 2000) {
                throw wait.ended(reason: reason)
            }
            return status.shellCode
        case .signal(let number): return TimeLimit.code(ofSignal: number)
        case .machine: throw wait.ended(reason: try machine.end().reason)
        }
    }
}
