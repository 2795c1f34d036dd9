import ArgumentParser
import Glibc
import ImageStore
import SystemPackage
import VirtualMachine

/// What bcvk starts itself as; nothing that a user types.
struct Internal: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Processes that bcvk starts by itself.", shouldDisplay: false,
        subcommands: [
            InternalConnect.self, InternalParse.self, InternalSupervise.self, InternalSurvey.self, InternalUnpack.self,
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

struct InternalUnpack: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "unpack", abstract: "Write or remove trees.")

    func run() throws {
        throw ExitCode(StoreWorker.main(input: STDIN_FILENO, output: STDOUT_FILENO))
    }
}
