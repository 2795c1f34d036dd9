import GuestProtocol
import Testing

@Suite("Frames")
struct FrameTests {
    private func wire(_ frames: Frame...) -> [UInt8] {
        var bytes: [UInt8] = []
        for frame in frames { frame.append(to: &bytes) }
        return bytes
    }

    @Test("have the documented form")
    func golden() {
        #expect(
            wire(Frame(.output, channel: 0x0102, payload: [7, 8])) == [2, 0, 0, 0, 2, 1, 0, 0, 3, 0, 0, 0, 7, 8])
    }

    @Test("come out as they went in, however the stream is cut", arguments: [1, 2, 3, 11, 12, 13, 1000])
    func anyCut(size: Int) throws {
        let frames = [
            Frame(.open, channel: 1, payload: Array(0..<200)), Frame(.inputEnd, channel: 1),
            Frame(.credit, channel: .max, payload: Credit(.output, 65536).payload),
        ]
        var bytes: [UInt8] = []
        for frame in frames { frame.append(to: &bytes) }
        var reader = FrameReader()
        var found: [Frame] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            reader.append(bytes[start..<min(start + size, bytes.count)])
            while let frame = try reader.next() { found.append(frame) }
        }
        #expect(found == frames)
    }

    @Test("of more than the largest payload are refused before they are waited for")
    func oversized() {
        var reader = FrameReader()
        reader.append([1, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0])
        #expect(throws: FrameError.oversized(65537)) { try reader.next() }
    }

    @Test("of a kind that is not known are refused")
    func unknown() {
        var reader = FrameReader()
        reader.append([0, 0, 0, 0, 0, 0, 0, 0, 0xEE, 0, 0, 0])
        #expect(throws: FrameError.unknownKind(0xEE)) { try reader.next() }
    }

    @Test("wait for their last byte")
    func incomplete() throws {
        var reader = FrameReader()
        reader.append(wire(Frame(.output, channel: 5, payload: [1, 2, 3])).dropLast())
        #expect(try reader.next() == nil)
        reader.append([3])
        #expect(try reader.next() == Frame(.output, channel: 5, payload: [1, 2, 3]))
        #expect(try reader.next() == nil)
    }

    @Test("many in a row do not make the reader grow without end")
    func steady() throws {
        var reader = FrameReader()
        let bytes = wire(Frame(.output, channel: 1, payload: Array(repeating: 1, count: 60_000)))
        for _ in 0..<50 {
            reader.append(bytes[...])
            #expect(try reader.next()?.payload.count == 60_000)
        }
        #expect(try reader.next() == nil)
    }
}

@Suite("Requests and answers")
struct RequestTests {
    @Test("a program comes through with everything")
    func execute() throws {
        var request = ExecuteRequest(["sh", "-c", "echo \"ä\""])
        request.environment = ["A=b=c", "EMPTY="]
        request.directory = "/tmp"
        request.user = "1000:users"
        request.terminal = TerminalSize(rows: 50, columns: 200)
        request.hasInput = true
        guard case .execute(let read) = try GuestRequest(GuestRequest.execute(request).payload) else {
            Issue.record("it is another request now")
            return
        }
        #expect(read.arguments == request.arguments && read.environment == request.environment)
        #expect(read.directory == "/tmp" && read.user == "1000:users" && read.hasInput)
        #expect(read.terminal == request.terminal)
    }

    @Test("the other requests come through")
    func others() throws {
        guard case .copyIn(let copy) = try GuestRequest(GuestRequest.copyIn(CopyRequest(path: "/a/b")).payload),
            case .setClock(let seconds, let nanoseconds) = try GuestRequest(
                GuestRequest.setClock(seconds: 1 << 40, nanoseconds: 999_999_999).payload),
            case .powerOff = try GuestRequest(GuestRequest.powerOff.payload),
            case .suspend = try GuestRequest(GuestRequest.suspend.payload),
            case .resume(let resume) = try GuestRequest(
                GuestRequest.resume(
                    ResumeRequest(seconds: 7, nanoseconds: 8, seed: [1, 2, 3], configuration: Array("a=b\n".utf8))
                ).payload)
        else {
            Issue.record("one is another request now")
            return
        }
        #expect(resume.seconds == 7 && resume.nanoseconds == 8 && resume.seed == [1, 2, 3])
        #expect(resume.configuration == Array("a=b\n".utf8))
        #expect(copy.path == "/a/b" && seconds == 1 << 40 && nanoseconds == 999_999_999)
    }

    @Test(
        "damaged payloads are refused, whatever they claim",
        arguments: [
            [], [9], [1], [1, 255, 255, 255, 255], [1, 1, 0, 0, 0, 255, 255, 255, 127], [2, 4, 0, 0, 0, 47],
            [7, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255],
            [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]])
    func damaged(payload: [UInt8]) {
        #expect(throws: FrameError.malformed) { try GuestRequest(payload) }
    }

    @Test("endings, refusals, credits and events come through")
    func answers() throws {
        #expect(try Ending(Ending.exited(255).payload) == .exited(255))
        #expect(try Ending(Ending.signalled(9).payload) == .signalled(9))
        #expect(try Credit(Credit(.errorOutput, 70_000).payload) == Credit(.errorOutput, 70_000))
        let refusal = try Refusal(Refusal(.notFound, "execute nothing: No such file").payload)
        #expect(refusal.reason == .notFound && refusal.text == "execute nothing: No such file")
        guard case .booted(let units) = try GuestEvent(GuestEvent.booted(failedUnits: ["a.service"]).payload) else {
            Issue.record("it is another event now")
            return
        }
        #expect(units == ["a.service"])
        #expect(throws: FrameError.malformed) { try Ending([2, 0]) }
        #expect(throws: FrameError.malformed) { try Credit([3, 0, 0, 0, 0]) }
    }

    @Test(
        "names of a copy that lead elsewhere are not safe",
        arguments: [("", false), (".", false), ("..", false), ("a/b", false), ("a", true), ("...", true), (".a", true)])
    func names(name: String, isSafe: Bool) {
        #expect(CopyAttributes(name: Array(name.utf8), mode: 0, seconds: 0, nanoseconds: 0).isSafe == isSafe)
    }
}
