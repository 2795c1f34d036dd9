import CGuest

/// An ssh server that has begun to read its keys again and waits for its host key, because a FIFO stands in that file's place.
///
/// So it is saved with a machine's state. A machine that goes on from there gives it the key and has a server that listens, without
/// the start of a program and the reading of its configuration.
struct ServerAwaitingKey {
    private let key: Int32
    /// The key that it had.
    private let former: [UInt8]

    /// How long the server may take to come to its key, in milliseconds.
    private static let patience: UInt64 = 15_000
    private static let pause: UInt32 = 10_000

    /// Has the server that runs wait for its key.
    /// - Returns: nil where there is none, or it cannot be had to; then it has its key as before.
    static func stop(in tree: RootTree) -> ServerAwaitingKey? {
        let server = guest_ssh_server()
        guard server > 0, !tree.isLink(SSHAccess.hostKey) else { return nil }
        do throws(GuestError) {
            guard let former = try tree.read(SSHAccess.hostKey) else { return nil }
            try tree.remove(SSHAccess.hostKey)
            do throws(GuestError) {
                guard mkfifo(SSHAccess.hostKey, 0o600) == 0 else { throw GuestError("create", SSHAccess.hostKey) }
                guard kill(server, SIGHUP) == 0 else { throw GuestError("signal", "ssh server") }
                return ServerAwaitingKey(key: try waitForReader(), former: former)
            } catch {
                try putBack(former, in: tree)
                throw error
            }
        } catch {
            Console.warn("ssh server: \(error.text)")
            return nil
        }
    }

    /// Waits until the server has come to the FIFO, and returns the FIFO's other end.
    private static func waitForReader() throws(GuestError) -> Int32 {
        let end = guest_uptime() + patience
        var hasLeft = false
        while guest_uptime() < end {
            // Without a reader there is no writer (fifo(7)).
            let key = guest_open(SSHAccess.hostKey, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            if key >= 0 { return key }
            // It has left its place when it began anew; when it is there again it listens, and this was no key of its.
            let isThere = guest_ssh_server() > 0
            if hasLeft, isThere { break }
            hasLeft = hasLeft || !isThere
            usleep(pause)
        }
        // With a reader of our own, nothing is lost and nobody waits if it comes later.
        let key = guest_open(SSHAccess.hostKey, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard key >= 0 else { throw GuestError("open", SSHAccess.hostKey) }
        return key
    }

    private static func putBack(_ key: [UInt8], in tree: RootTree) throws(GuestError) {
        try tree.remove(SSHAccess.hostKey)
        try tree.write(key, to: SSHAccess.hostKey, mode: 0o600)
    }

    /// Makes a file of the key's place again, before anything is written there.
    func clear(in tree: RootTree) throws(GuestError) {
        try Self.putBack(former, in: tree)
    }

    /// Gives it the machine's own key; without one, that which it had.
    func proceed(with own: String?) {
        let bytes = own.map { Array($0.utf8) } ?? former
        // Where it has ended meanwhile there is nobody to tell: its successor reads the file.
        _ = bytes.withUnsafeBytes { write(key, $0.baseAddress, $0.count) }
        close(key)
    }
}
