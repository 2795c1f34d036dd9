import ArgumentParser
import Glibc
import VirtualMachine

struct EphemeralRMAll: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm-all", abstract: "End and remove all machines of this user.")

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var force = false

    @OptionGroup
    var filter: LabelFilter

    func run() throws {
        let registry = MachineRegistry(directory: Places.standard().state)
        let machines = try filter.machines(of: registry)
        guard !machines.isEmpty else {
            return Message.say(filter.isEmpty ? "There are no machines." : "There are no machines with these labels.")
        }
        if !force {
            guard isatty(STDIN_FILENO) == 1 else {
                throw ValidationError("--force is needed where nobody can be asked")
            }
            Message.say("Machines: " + machines.map(\.name).joined(separator: ", "))
            Message.say("End and remove them all? [y/N]")
            guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
                throw ExitCode(1)
            }
        }
        let control = MachineControl(registry)
        for machine in machines {
            do {
                try control.remove(machine.name, force: true)
            } catch MachineError.noSuchMachine {
                // It was started with --rm and has just ended by itself.
                continue
            }
            Message.say("removed \(machine.name)")
        }
    }
}
