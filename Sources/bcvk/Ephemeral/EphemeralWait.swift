public import ArgumentParser
import Glibc
import LinuxSystem
public import VirtualMachine

struct EphemeralWait: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Wait until a machine is ready, or has ended.",
        discussion: """
            The guest tells by itself how far it is; nothing is asked over and over. A machine that ends while it is waited \
            for, or that gives up its boot, is exit code 125 with the reason.

              bcvk ephemeral wait box --for boot
            """)

    @Option(
        name: .customLong("for"),
        help:
            "agent: programs can be executed; ssh: the ssh server answers; boot: the default target is reached; stopped: the machine has ended."
    )
    var goal = ReadinessGoal.boot

    @Option(
        help: ArgumentHelp(
            "How long to wait; by default 240, translated 600, and for stopped without end.", valueName: "seconds"))
    var timeout: Int?

    @Flag(help: "Print how far the guest is, as JSON.")
    var json = false

    @Argument(help: "The machine's name.")
    var name: String

    func run() throws {
        let registry = MachineRegistry(directory: Places.standard().state)
        let record = try registry.find(name)
        let signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP])
        let patience = timeout ?? (goal == .stopped ? Int(Int32.max) / 1000 : nil)
        do {
            let readiness = try GuestWait(record, seconds: patience)
                .wait(for: goal, interruption: GuestWait.Interrupted.by(signals))
            if json { try StandardOutput.form(readiness) }
            if goal == .boot { Failures.tell(readiness, of: name) }
        } catch let interrupted as GuestWait.Interrupted {
            throw ExitCode(128 + interrupted.signal)
        }
    }
}

extension ReadinessGoal: ExpressibleByArgument {}

/// Units that have failed.
enum Failures {
    /// A warning that names them; nothing where there are none.
    static func tell(_ readiness: GuestReadiness, of name: String) {
        guard !readiness.failedUnits.isEmpty else { return }
        Message.warn("\(name): failed units: \(readiness.failedUnits.joined(separator: ", "))")
    }
}
