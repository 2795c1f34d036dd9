internal import Glibc
public import LinuxSystem

/// An ssh client on our own terminal and streams, watched together with the machine that it talks to.
public enum SSHSession {
    /// How a session ended.
    public enum End: Sendable, Hashable {
        /// The client ended: with the remote command's code, or 255 where ssh itself failed.
        case client(ExitStatus)
        /// The machine ended first.
        case machine
        /// We were asked to end by this signal.
        case signal(Int32)
    }

    /// Runs the host's ssh with our standard streams.
    ///
    /// - Parameters:
    ///   - connection: what the client uses, unless the user's options choose another way.
    ///   - machine: readable when the machine has ended.
    ///   - signals: signals that end the session.
    public static func run(
        _ command: SSHCommand, over connection: consuming SSHConnection, machine: Int32, signals: SignalDescriptor
    ) throws -> End {
        var command = command
        var program = ChildProgram(try SSHProgram.ssh.find())
        if SSHWords.chooseWay(command.options) {
            connection.close()
        } else {
            command.options += connection.options
            // The client starts it by the user's shell, which may be anything.
            program.environment = ["SHELL=/bin/sh"] + ChildProgram.ownEnvironment.filter { !$0.hasPrefix("SHELL=") }
        }
        program.arguments = command.arguments
        let client = try program.start(descriptors: [0, 1, 2])
        while true {
            let ready = try Poller.wait(
                [client.processDescriptor.raw, connection.descriptor, machine, signals.descriptor.raw])
            if ready.contains(connection.descriptor) { try connection.hand() }
            if ready.contains(client.processDescriptor.raw) { return .client(try client.wait()) }
            if ready.contains(signals.descriptor.raw), let number = try signals.next() {
                try end(client)
                return .signal(number)
            }
            if ready.contains(machine) {
                // A guest that powers off takes the session with it: then the client knows best how its command ended.
                if try Poller.wait([client.processDescriptor.raw], milliseconds: 1000).isEmpty {
                    try end(client)
                    return .machine
                }
            }
        }
    }

    /// The client puts the terminal back in order when it is asked to end.
    private static func end(_ client: RunningProgram) throws {
        client.signal(SIGTERM)
        if try Poller.wait([client.processDescriptor.raw], milliseconds: 2000).isEmpty { client.signal(SIGKILL) }
        _ = try client.wait()
    }
}
