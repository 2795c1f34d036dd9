import QMP
import Testing

@Suite("A QMP session")
struct QMPSessionTests {
    private static let greeting =
        #"{"QMP": {"version": {"qemu": {"micro": 2, "minor": 0, "major": 10}}, "capabilities": []}}"# + "\r\n"

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func ready() throws -> QMPSession {
        var session = QMPSession()
        _ = try session.receive(Self.greeting.utf8)
        _ = try session.receive("{\"return\": {}, \"id\": 0}\n".utf8)
        _ = session.takeOutgoing()
        return session
    }

    @Test("answers the greeting with the capabilities command")
    func negotiates() throws {
        var session = QMPSession()
        #expect(try session.receive(Self.greeting.utf8).isEmpty)
        #expect(text(session.takeOutgoing()) == #"{"execute":"qmp_capabilities","id":0}"# + "\n")
        #expect(try session.receive(#"{"return": {}, "id": 0}"#.utf8 + [10]) == [.ready(version: "10.0.2")])
    }

    @Test("keeps early commands until it may send them")
    func queues() throws {
        var session = QMPSession()
        #expect(try session.send("query-status") == 1)
        #expect(session.takeOutgoing().isEmpty)
        _ = try session.receive(Self.greeting.utf8)
        _ = session.takeOutgoing()
        _ = try session.receive("{\"return\": {}, \"id\": 0}\n".utf8)
        #expect(text(session.takeOutgoing()) == #"{"execute":"query-status","id":1}"# + "\n")
    }

    @Test("understands lines that arrive in any pieces")
    func pieces() throws {
        var session = try ready()
        let id = try session.send("query-status")
        let line = Array(#"{"return": {"status": "running"}, "id": \#(id)}"#.utf8) + [10]
        var outcomes: [QMPSession.Outcome] = []
        for byte in line { outcomes += try session.receive([byte]) }
        #expect(outcomes == [.completed(id: id, .object(["status": .string("running")]))])
    }

    @Test("gives failures the command's name")
    func failures() throws {
        var session = try ready()
        let id = try session.send("quit")
        let outcomes = try session.receive(
            #"{"error": {"class": "GenericError", "desc": "no"}, "id": \#(id)}"#.utf8 + [10])
        #expect(outcomes == [.failed(id: id, .refused(command: "quit", class: "GenericError", description: "no"))])
    }

    @Test("passes events on at any time")
    func events() throws {
        var session = try ready()
        let outcomes = try session.receive(
            #"{"timestamp": {}, "event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}"#.utf8 + [10])
        guard case .event(let event)? = outcomes.first else {
            Issue.record("no event in \(outcomes)")
            return
        }
        #expect(event.name == "SHUTDOWN" && event.data["reason"]?.stringValue == "guest-shutdown")
    }

    @Test(
        "refuses what is no message of the protocol",
        arguments: ["nonsense\n", "{}\n", "[1]\n", "{\"return\": {}, \"id\": 77}\n"])
    func malformed(line: String) throws {
        var session = try ready()
        #expect(throws: QMPError.self) { try session.receive(line.utf8) }
    }

    @Test("does not collect an endless line")
    func endless() throws {
        var session = try ready()
        #expect(throws: QMPError.oversized(bytes: QMPSession.lineLimit)) {
            try session.receive([UInt8](repeating: 0x20, count: QMPSession.lineLimit + 1))
        }
    }
}
