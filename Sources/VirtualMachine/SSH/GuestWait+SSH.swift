public import LinuxSystem
internal import SystemPackage

/// Waiting for an ssh server that really answers.
extension GuestWait {
    /// Waits until the server has been started, as the guest says, or answers: it may be one that the guest's agent knows nothing
    /// of, and is looked for now and then. Only `SSHConnector` waits for the answer of the one that has been started.
    /// - Parameters:
    ///   - port: the port of 127.0.0.1 that leads to it.
    ///   - machine: readable when the machine has something to say, probably its end.
    /// - Returns: whether there is a server; if not, the machine has something to say.
    public func waitForSSH(port: UInt16, machine: Int32, interruption: Interruption) throws -> Bool {
        let start = ContinuousClock.now
        var watch = try? ReadinessWatch(socket: FilePath(record.agentSocket))
        var patience = 1000
        while true {
            let left = seconds * 1000 - Poller.milliseconds(since: start)
            if left <= 0 { throw timedOut(.ssh) }
            if watch?.readiness.ssh == true { return true }
            let interruptions = [machine, interruption.descriptor]
            let answer = try SSHBanner.look(
                port: port, milliseconds: min(patience, left), interruptions: interruptions)
            if answer == .server { return true }
            patience = min(patience * 3 / 2, 15_000)
            let watched = interruptions + (watch.map { [$0.descriptor] } ?? [])
            let ready = try Poller.wait(watched, milliseconds: min(300, left))
            if ready.contains(interruption.descriptor) { try interruption.check() }
            if ready.contains(machine) { return false }
            if let current = watch, ready.contains(current.descriptor) {
                try current.update()
                if current.readiness.emergency { throw givenUp() }
                if current.isOver { watch = nil }
            }
        }
    }
}
