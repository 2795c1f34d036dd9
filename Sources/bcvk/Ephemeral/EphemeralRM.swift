import ArgumentParser
import VirtualMachine

struct EphemeralRM: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove machines that have ended, with their logs and keys.")

    @Flag(name: .shortAndLong, help: "End those that still run.")
    var force = false

    @Argument(help: "The machines' names.")
    var names: [String]

    func validate() throws {
        if names.isEmpty { throw ValidationError("name at least one machine") }
    }

    func run() throws {
        let control = MachineControl(MachineRegistry(directory: Places.standard().state))
        for name in names { try control.remove(name, force: force) }
    }
}
