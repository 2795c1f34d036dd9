import ArgumentParser
import FoundationEssentials
import QMP
import VirtualMachine

struct EphemeralQMP: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qmp", abstract: "Have a machine's QEMU execute a command of its monitor.",
        discussion: """
            The answer is printed as JSON; commands and arguments are those of the QEMU QMP Reference Manual.

              bcvk ephemeral qmp box query-status
              bcvk ephemeral qmp box human-monitor-command '{"command-line": "info network"}'
            """)

    @Argument(help: "The machine's name.")
    var name: String

    @Argument(help: "The monitor's command.")
    var command: String

    @Argument(
        help: ArgumentHelp("Its arguments, a JSON object.", valueName: "json"),
        transform: { text in
            let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
            guard case .object? = value else { throw ValidationError("not a JSON object") }
            return value ?? .null
        })
    var arguments: JSONValue?

    func run() throws {
        let control = MachineControl(MachineRegistry(directory: Places.standard().state))
        try StandardOutput.json(try control.execute(command, arguments: arguments, on: name))
    }
}
