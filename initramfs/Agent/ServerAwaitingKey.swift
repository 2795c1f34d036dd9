import CGuest

/// An ssh server that has begun to read its keys again and waits for its host key, because a FIFO stands in that file's place.
///
/// So it is saved with a machine's state. A machine that goes on from there gives it the key and has a server that listens, without
/// the start of a program and the reading of its configuration.
struct ServerAwaitingKey {
    private let key: Int32

    /// How often, and after how many microseconds each, the server is looked for at its key.
    private static let looks = 1500
    private static let pause: UInt32 = 10_000

    /// Has the server that runs wait for its key.
    /// - Returns: nil where there is none, or its key is not a file that the agent has written.
    static func stop(in tree: RootTree) throws(GuestError) -> ServerAwaitingKey? {
        let server = guest_ssh_server()
        guard server > 0, tree.exists(SSHAccess.hostKey), !tree.isLink(SSHAccess.hostKey) else { return nil }
        try tree.remove(SSHAccess.hostKey)
        guard mkfifo(SSHAccess.hostKey, 0o600) == 0 else { throw GuestError("create", SSHAccess.hostKey) }
        guard kill(server, SIGHUP) == 0 else { throw GuestError("signal", "ssh server") }
        for _ in 0..<looks {
            // Without a reader there is no writer (fifo(7)).
            let key = guest_open(SSHAccess.hostKey, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            if key >= 0 { return ServerAwaitingKey(key: key) }
            guard guest_is_ssh_server(server) else { break }
            usleep(pause)
        }
        guard guest_is_ssh_server(server) else {
            throw GuestError("restart", "ssh server", reason: "it has ended")
        }
        // It is late, or has keys of other names. With a reader of our own, nothing that comes too early or late is lost or waits.
        let key = guest_open(SSHAccess.hostKey, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard key >= 0 else { throw GuestError("open", SSHAccess.hostKey) }
        return ServerAwaitingKey(key: key)
    }

    /// Gives it the key.
    func proceed(with text: String) {
        let bytes = Array(text.utf8)
        // Where it has ended meanwhile there is nobody to tell: its successor reads the file.
        _ = bytes.withUnsafeBytes { write(key, $0.baseAddress, $0.count) }
        close(key)
    }
}
