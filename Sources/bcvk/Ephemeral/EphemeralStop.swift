import ArgumentParser
import VirtualMachine

struct EphemeralStop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Shut machines down, as their power button would.")

    @Option(help: ArgumentHelp("How long a guest may take before it is ended.", valueName: "seconds"))
    var timeout = 60

    @Argument(help: "The machines' names.")
    var names: [String]

    func validate() throws {
        if names.isEmpty { throw ValidationError("name at least one machine") }
        if timeout < 0 { throw ValidationError("--timeout takes 0 or more seconds") }
    }

    func run() throws {
        let control = MachineControl(MachineRegistry(directory: Places.standard().state))
        for name in names {
            if try !control.stop(name, seconds: timeout) {
                Message.warn("\(name) did not shut down within \(timeout) s and was ended")
            }
        }
    }
}
