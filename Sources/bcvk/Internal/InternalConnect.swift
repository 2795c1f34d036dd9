import ArgumentParser
import Glibc
import VirtualMachine

/// What the ssh client calls for its connection.
struct InternalConnect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect", abstract: "Hand a connection with an ssh server to the client on standard output.")

    @Argument var port: UInt16

    func run() throws {
        if try !SSHConnector.main(port: port, client: STDOUT_FILENO) {
            throw MachineError.noServer(port: port, seconds: SSHConnector.seconds)
        }
    }
}
