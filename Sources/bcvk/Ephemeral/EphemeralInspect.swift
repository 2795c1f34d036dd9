import ArgumentParser
import VirtualMachine

struct EphemeralInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Print everything that is known of a machine, as JSON.")

    @Argument(help: "The machine's name.")
    var name: String

    func run() throws {
        try StandardOutput.form(try MachineRegistry(directory: Places.standard().state).find(name))
    }
}
