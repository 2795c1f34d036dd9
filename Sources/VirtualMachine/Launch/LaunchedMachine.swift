/// A machine that this process has started: QEMU executes it, and its supervisor tells us of its end.
public struct LaunchedMachine: Sendable {
    /// Its record as it was at the start.
    public let record: MachineRecord
    /// The connection to its supervisor.
    public let link: SupervisorLink
    /// The port of 127.0.0.1 that leads to the guest's sshd; 0 without a network.
    public let sshPort: UInt16

    /// Waits until QEMU executes what was launched.
    /// - Parameter note: told of what the user should know meanwhile.
    public init(
        _ launched: (record: MachineRecord, link: SupervisorLink), note: (String) -> Void = { _ in }
    ) throws {
        (record, link) = launched
        // QEMU answers within a second; a host that is out of memory may take its time.
        while let report = try link.next(milliseconds: 60_000) {
            switch report {
            case .running(let port):
                sshPort = port
                return
            case .note(let text): note(text)
            case .saved: continue
            case .ended(let reason, _, _):
                throw MachineError.ended(name: record.name, reason: reason, log: record.qemuLog, lastLines: [])
            }
        }
        link.quit()
        throw MachineError.notReady(
            name: record.name, what: "answer from QEMU", seconds: 60, log: record.qemuLog, lastLines: [])
    }

    /// How the machine ended, as its supervisor says it; waits for that.
    public func end() throws -> (reason: String, failed: Bool) {
        while true {
            if case .ended(let reason, let failed, _)? = try link.next(milliseconds: nil) { return (reason, failed) }
        }
    }

    /// Asks the guest to shut down and waits for that; one that does not in a while is ended.
    public func shutDown() throws {
        link.shutDown()
        if try !link.waitForEnd(milliseconds: 90_000) { try discard() }
    }

    /// Ends the machine at once and waits until nothing is left of it.
    public func discard() throws {
        link.quit()
        if try !link.waitForEnd(milliseconds: 10_000) {
            throw MachineError.notReady(
                name: record.name, what: "end", seconds: 10, log: record.consoleLog, lastLines: [])
        }
    }
}
