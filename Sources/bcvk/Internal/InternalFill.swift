import ArgumentParser
import VirtualMachine

/// What fills a guest's memory from a template, standard output from standard input.
struct InternalFill: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fill", abstract: "Fill a guest's memory from a template.")

    func run() throws {
        try SupervisorProgram.fillMemory()
    }
}
