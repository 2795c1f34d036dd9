import ArgumentParser
import Glibc
import VirtualMachine

/// What the ssh client calls for its connection.
struct InternalConnect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect", abstract: "Pass a connection on to the ssh client, on standard output.")

    @Argument var socket: String

    func run() throws {
        try SSHConnection.pass(from: socket, to: STDOUT_FILENO)
    }
}
