import Glibc
import GuestProtocol
import LinuxSystem
import SystemPackage
import VirtualMachine

/// What a guest sends to the host, by its agent and its console; and what the host sends to the agent.
let guestTargets: [String: FuzzTarget] = [
    "agent-frames": { bytes in
        let whole = frames([bytes])
        promise(whole == frames(bytes.map { [$0] }), "a frame depends on where it is cut")
        for frame in whole {
            promise(frame.payload.count <= Frame.maximumPayload, "a payload that is too long")
            switch frame.kind {
            case .event:
                var readiness = GuestReadiness()
                if let event = try? GuestEvent(frame.payload) { readiness.note(event) }
                promise(readiness.failedUnits.count <= 100, "units without end")
                for unit in readiness.failedUnits { promise(PrintableText.of(unit) == unit, "a unit for a terminal") }
            case .ended: _ = try? Ending(frame.payload)
            case .refused: _ = try? Refusal(frame.payload)
            case .credit: _ = try? Credit(frame.payload)
            default: break
            }
        }
    },
    "guest-request": { bytes in
        guard let request = try? GuestRequest(bytes) else { return }
        promise((try? GuestRequest(request.payload))?.payload == request.payload, "a request changes by being written")
    },
    "copy-entry": { bytes in
        guard let entry = try? CopyEntry(bytes) else { return }
        switch entry {
        case .file(let attributes, _), .enter(let attributes), .link(let attributes, _):
            promise(
                !attributes.isSafe || !attributes.name.contains(UInt8(ascii: "/")), "a name that leads elsewhere")
        case .leave, .end: break
        }
    },
    "copy-stream": { bytes in
        copyScratch.begin()
        guard let file = try? OwnedDescriptor(inMemory: "copy"), (try? file.writeAll(bytes, subject: "copy")) != nil
        else { return }
        lseek(file.raw, 0, SEEK_SET)
        var receiver = CopyReceiver(stream: file.raw, isFromGuest: true)
        try? receiver.receive(to: copyScratch.path.string)
        promise(copyScratch.isUntouched, "something outside the destination has changed")
    },
    "console-tail": { bytes in
        for line in ConsoleTail.lines(in: bytes) {
            promise(PrintableText.of(line) == line, "a line that a terminal would act on")
        }
    },
]

private let copyScratch = Scratch(name: "copies")

private func frames(_ pieces: [[UInt8]]) -> [Frame] {
    var reader = FrameReader()
    var found: [Frame] = []
    for piece in pieces {
        reader.append(piece[...])
        while let frame = (try? reader.next()) ?? nil { found.append(frame) }
    }
    return found
}
