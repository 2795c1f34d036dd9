import ArgumentParser
import VirtualMachine

/// What a started machine is for, and what is kept of it.
struct RunOptions: ParsableArguments {
    @Option(
        name: .customLong("execute"),
        help: ArgumentHelp(
            "Run a line of shell in the booted guest, then end the machine; the exit code is the line's. May be repeated: the first that fails is the last.",
            valueName: "command"))
    var execute: [String] = []

    @Option(
        name: .customLong("wait"),
        help: ArgumentHelp("With --detach, return when the guest is as far: agent, ssh or boot.", valueName: "goal"))
    var waitGoal: ReadinessGoal?

    @Option(help: ArgumentHelp("How long the boot may take; by default 240, translated 600.", valueName: "seconds"))
    var bootTimeout: Int?

    @OptionGroup
    var limit: TimeLimit

    @Option(help: ArgumentHelp("What is shown in the foreground: console or journal.", valueName: "stream"))
    var output = ShownStream.console

    @Flag(help: "Connect this terminal with the guest's console, where root is logged in; Ctrl-] leaves it.")
    var console = false

    func validate(detach: Bool) throws {
        if detach, !execute.isEmpty { throw ValidationError("--execute does not go with --detach: use ephemeral exec") }
        if !detach, waitGoal != nil { throw ValidationError("--wait is for --detach") }
        if waitGoal == .stopped { throw ValidationError("--wait takes agent, ssh or boot") }
        if console, detach || !execute.isEmpty {
            throw ValidationError("--console needs the foreground, without --detach and --execute")
        }
    }
}

/// A stream that a machine in the foreground shows.
enum ShownStream: String, CaseIterable, ExpressibleByArgument {
    case console, journal
}
