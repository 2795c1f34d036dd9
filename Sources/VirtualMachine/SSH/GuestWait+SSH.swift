public import LinuxSystem
internal import SystemPackage

/// Waiting for an ssh server that really answers.
extension GuestWait {
    /// Waits until the server answers.
    ///
    /// The guest says when its server has been started, and then the server is asked at once. Until then it is looked for only now
    /// and then: it may be one that the guest's agent knows nothing of.
    /// - Parameters:
    ///   - port: the port of 127.0.0.1 that leads to it.
    ///   - machine: readable when the machine has something to say, probably its end.
    /// - Returns: a connection with the server; nil when the machine has something to say.
    public func waitForSSH(port: UInt16, machine: Int32, interruption: Interruption) throws -> OwnedDescriptor? {
        let start = ContinuousClock.now
        var watch = try? ReadinessWatch(socket: FilePath(record.agentSocket))
        var patience = 1000
        while true {
            let left = seconds * 1000 - Poller.milliseconds(since: start)
            if left <= 0 { throw timedOut(.ssh) }
            let interruptions = [machine, interruption.descriptor]
            let connection = try SSHBanner.connect(
                port: port, milliseconds: min(patience, left), interruptions: interruptions)
            if let connection { return connection }
            patience = min(patience * 3 / 2, 15_000)
            let pause = watch?.readiness.ssh == true ? 30 : 300
            let watched = interruptions + (watch.map { [$0.descriptor] } ?? [])
            let ready = try Poller.wait(watched, milliseconds: min(pause, left))
            if ready.contains(interruption.descriptor) { try interruption.check() }
            if ready.contains(machine) { return nil }
            if let current = watch, ready.contains(current.descriptor) {
                try current.update()
                if current.readiness.emergency { throw givenUp() }
                if current.isOver { watch = nil }
            }
        }
    }
}
