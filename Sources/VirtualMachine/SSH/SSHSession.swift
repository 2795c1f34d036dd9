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
    ///   - machine: readable when the machine has ended.
    ///   - signals: signals that end the session.
    public static func run(_ command: SSHCommand, machine: Int32, signals: SignalDescriptor) throws -> End {
        let program = try SSHProgram.ssh.find()
        let client = try ChildProgram(program, command.arguments).start(descriptors: [0, 1, 2])
        while true {
            let ready = try Poller.wait([client.processDescriptor.raw, machine, signals.descriptor.raw])
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
