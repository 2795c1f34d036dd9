import Glibc
import GuestProtocol
import LinuxSystem
import SystemPackage
import Testing
import VirtualMachine

/// A relay between the guest's side of a port, which is the test, and clients on a socket of its own.
@Suite("The relay to the agent", .timeLimit(.minutes(1)))
final class AgentRelayTests {
    private let top: FilePath
    private let guest: OwnedDescriptor
    private let relay: AgentRelay

    init() throws {
        // As the program does.
        signal(SIGPIPE, SIG_IGN)
        var pattern = Array("/tmp/bcvk-relay-test.XXXXXX".utf8CString)
        top = FilePath(String(cString: try #require(mkdtemp(&pattern))))
        let (port, other) = try DescriptorPair.sockets()
        guest = OwnedDescriptor(owning: other)
        relay = try AgentRelay(
            port: OwnedDescriptor(owning: port), listener: try UnixSocket.listen(top.appending("agent.sock")))
    }

    deinit { try? Files.removeTree(top) }

    private func say(_ kind: Frame.Kind, channel: UInt32, _ payload: [UInt8]) throws {
        var bytes: [UInt8] = []
        Frame(kind, channel: channel, payload: payload).append(to: &bytes)
        try guest.writeAll(bytes, subject: "port")
    }

    /// Lets the relay do what it can do now.
    private func turn() throws {
        for _ in 0..<8 { try relay.process(try Poller.wait(relay.interests, milliseconds: 0)) }
    }

    /// A client whose request is channel 1.
    private func client() throws -> GuestExecution {
        try say(.hello, channel: 0, [UInt8(truncatingIfNeeded: Frame.version), 0])
        try turn()
        let request = GuestRequest.execute(ExecuteRequest(["/bin/true"]))
        let execution = try GuestExecution(socket: top.appending("agent.sock"), request)
        try turn()
        return execution
    }

    /// What a client gets to read, and how it ends.
    private func listen(_ execution: GuestExecution) throws -> (output: [UInt8], outcome: GuestExecution.Outcome) {
        var output: [UInt8] = []
        let outcome = try execution.run(input: nil, output: { output += $0 }, errorOutput: { _ in })
        return (output, outcome)
    }

    private func isGone(_ outcome: GuestExecution.Outcome) -> Bool {
        if case .refused(let refusal) = outcome { refusal.reason == .gone } else { false }
    }

    @Test("hands on what the agent said before its port was closed")
    func closedPort() throws {
        let client = try client()
        try say(.output, channel: 1, Array("before".utf8))
        relay.guestClosedPort()
        let (output, outcome) = try listen(client)
        #expect(output == Array("before".utf8))
        #expect(isGone(outcome))
    }

    @Test("knows an agent that was started again from one that is gone")
    func secondAgent() throws {
        let first = try client()
        try say(.hello, channel: 0, [UInt8(truncatingIfNeeded: Frame.version), 0])
        relay.guestClosedPort()
        #expect(isGone(try listen(first).outcome))
        let second = try GuestExecution(
            socket: top.appending("agent.sock"), .execute(ExecuteRequest(["/bin/true"])))
        try turn()
        try say(.ended, channel: 2, Ending.exited(7).payload)
        try turn()
        guard case .ended(.exited(7)) = try listen(second).outcome else {
            Issue.record("the second agent is not heard")
            return
        }
    }

    @Test("waits for a client that reads late, until it is told not to")
    func lateClient() throws {
        let client = try client()
        // More than the sockets hold, and less than the relay loses a client for.
        let piece = [UInt8](repeating: 120, count: 32 << 10)
        for _ in 0..<16 {
            try say(.output, channel: 1, piece)
            try turn()
        }
        let (signal, sender) = try DescriptorPair.pipe()
        let interruption = OwnedDescriptor(owning: signal)
        let interrupter = OwnedDescriptor(owning: sender)
        try interrupter.writeAll([0], subject: "pipe")
        // Past the time limit, so that it shows if nobody listens.
        try relay.deliver(milliseconds: 120_000, orUntil: [interruption.raw])
        nonisolated(unsafe) let relay = relay
        let delivery = try BackgroundThread { try? relay.deliver(milliseconds: 60_000, orUntil: []) }
        let (output, outcome) = try listen(client)
        delivery.join()
        #expect(output.count == 16 * piece.count)
        #expect(isGone(outcome))
    }
}
