import ArgumentParser
import VirtualMachine

struct EphemeralPause: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Stop machines' CPUs; their memory stays as it is.")

    @Argument(help: "The machines' names.")
    var names: [String]

    func run() throws {
        let control = MachineControl(MachineRegistry(directory: Places.standard().state))
        for name in names { try control.pause(name) }
    }
}

struct EphemeralResume: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let machines go on that were paused.")

    @Argument(help: "The machines' names.")
    var names: [String]

    func run() throws {
        let control = MachineControl(MachineRegistry(directory: Places.standard().state))
        for name in names { try control.resume(name) }
    }
}
