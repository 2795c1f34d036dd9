import ArgumentParser
import VirtualMachine

struct EphemeralRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Boot an image.",
        discussion: """
            In the foreground the guest's console is shown on standard output until the guest powers off or Ctrl-C ends it. \
            With --detach the machine stays until it is stopped, and its name is printed.

              bcvk ephemeral run -d --name box IMAGE
              bcvk ephemeral ssh box
            """)

    @OptionGroup
    var options: MachineOptions

    @OptionGroup(title: "Image options")
    var imageOptions: ImageOptions

    @OptionGroup(title: "Session options")
    var session: RunOptions

    @OptionGroup(title: "Log options")
    var logs: LogOptions

    @Flag(name: .shortAndLong, help: "Leave the machine running in the background and print its name.")
    var detach = false

    @Flag(
        name: .customLong("rm"),
        help: "Remove the machine when it ends; without --detach it always is, unless it failed.")
    var remove = false

    @Argument(help: "The image.")
    var image: String

    func validate() throws {
        try session.validate(detach: detach)
    }

    func run() throws {
        session.limit.begin()
        let showsConsole = !detach && session.execute.isEmpty && session.output == .console
        var request = options.request(isVerbose: showsConsole, removeAtExit: remove || !detach)
        request.hasConsoleSocket = session.console
        request.mustNotEnd = !session.execute.isEmpty
        try logs.apply(to: &request)
        let machine = try MachineStart(
            image, imageOptions, request, attached: !detach, bootTimeout: session.bootTimeout, timing: Timing())
        if detach {
            try awaitGoal(machine)
            return try StandardOutput.line(machine.record.name)
        }
        if !session.execute.isEmpty { throw ExitCode(try execute(machine, request)) }
        let name = machine.record.name
        let view = ForegroundView(machine: machine)
        if session.console {
            Message.say("bcvk: \(name) is booting; Ctrl-] ends it")
            throw ExitCode(try view.attachConsole())
        }
        Message.say("bcvk: \(name) is booting; bcvk ephemeral exec -it \(name) -- sh looks into it, Ctrl-C ends it")
        switch session.output {
        case .console: throw ExitCode(try view.showConsole())
        case .journal: throw ExitCode(try view.showJournal(bootTimeout: session.bootTimeout))
        }
    }

    /// One that never gets there is ended; its directory stays, with what it has said.
    private func awaitGoal(_ machine: MachineStart) throws {
        guard let goal = session.waitGoal else { return }
        do {
            let wait = GuestWait(machine.record, seconds: session.bootTimeout)
            let readiness = try wait.wait(for: goal, interruption: machine.interruption)
            if goal == .boot { Failures.tell(readiness, of: machine.record.name) }
        } catch let interrupted as GuestWait.Interrupted {
            try machine.discard()
            throw ExitCode(TimeLimit.code(ofSignal: interrupted.signal))
        } catch {
            try machine.discard()
            throw error
        }
    }

    private func execute(_ machine: MachineStart, _ request: MachineRequest) throws -> Int32 {
        let code: Int32
        do {
            code = try GuestLines(lines: session.execute, bootTimeout: session.bootTimeout).run(in: machine)
        } catch {
            try machine.discard()
            throw error
        }
        // What the guest has mounted of the user's own has to be left in order; all else is thrown away.
        if !request.disks.isEmpty { try machine.shutDown() } else { try machine.discard() }
        return code
    }
}
