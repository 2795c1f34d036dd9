import ArgumentParser
import SystemPackage
import VirtualMachine

/// What bcvk starts itself as; nothing that a user types.
struct Internal: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "internal", abstract: "Processes that bcvk starts by itself.", shouldDisplay: false,
        subcommands: [
            InternalConnect.self, InternalFill.self, InternalParse.self, InternalSupervise.self, InternalSurvey.self,
        ])
}

struct InternalSupervise: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "supervise", abstract: "Own a machine.")

    @Argument var directory: String
    @Flag var lifeline = false

    func run() throws {
        throw ExitCode(SupervisorProgram.main(directory: FilePath(directory), hasLifeline: lifeline))
    }
}
