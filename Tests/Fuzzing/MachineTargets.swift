import GuestProtocol
import Machine
import QMP

/// What goes between the processes of a machine, and what a user says of its size.
let machineTargets: [String: FuzzTarget] = [
    "guest-configuration": { bytes in
        guard let configuration = try? GuestConfiguration(decoding: bytes) else { return }
        let encoded = configuration.encoded()
        promise(
            (try? GuestConfiguration(decoding: encoded))?.encoded() == encoded,
            "a configuration changes by being written")
    },
    "qmp-message": { bytes in
        _ = try? QMPMessage(line: bytes)
    },
    "qmp-session": { bytes in
        var session = QMPSession()
        _ = try? session.send("query-status")
        // The same bytes in pieces are the same messages.
        var inPieces = session
        let whole = try? session.receive(bytes)
        var pieces: [QMPSession.Outcome]? = []
        for byte in bytes where pieces != nil {
            let outcomes = try? inPieces.receive([byte])
            pieces = outcomes.flatMap { more in pieces.map { $0 + more } }
        }
        promise(whole == pieces, "a message depends on where it is cut")
    },
    "byte-size": { bytes in
        _ = ByteSize(text(bytes), bareUnit: 1 << 20)?.description
    },
]
