internal import LinuxSystem

/// Waiting until a machine's ssh server answers.
public enum SSHReadiness {
    /// How the wait ended.
    public enum Outcome: Sendable, Hashable {
        /// The server answers.
        case ready
        /// The time is over.
        case timedOut
        /// A descriptor that was watched beside it became readable.
        case interrupted
    }

    /// Looks at the port until a server answers.
    ///
    /// The guest has its address before its init starts, so a port where nobody listens yet refuses at once; then there is a
    /// short pause. A try without any answer, from a guest that has no address yet, is given up after a while that grows.
    /// - Parameter interruptions: readable when there is no sense in waiting on.
    public static func wait(port: UInt16, seconds: Int, interruptions: [Int32]) throws -> Outcome {
        let start = ContinuousClock.now
        var patience = 1000
        while true {
            let left = seconds * 1000 - Poller.milliseconds(since: start)
            if left <= 0 { return .timedOut }
            let answer = try SSHBanner.look(
                port: port, milliseconds: min(patience, left), interruptions: interruptions)
            if answer == .server { return .ready }
            patience = min(patience * 3 / 2, 15_000)
            if try !Poller.wait(interruptions, milliseconds: 30).isEmpty { return .interrupted }
        }
    }
}
