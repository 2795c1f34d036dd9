import CGuest

/// Copying as a child of the agent: its stream is standard input or output, its complaints go to standard error.
enum CopyTask {
    static func receive(_ request: CopyRequest) -> Int32 {
        run { () throws(CopyFailure) in
            var receiver = CopyReceiver(stream: 0)
            try receiver.receive(to: request.path)
        }
    }

    static func send(_ request: CopyRequest) -> Int32 {
        run { () throws(CopyFailure) in
            var sender = CopySender(stream: 1) { say($0) }
            try sender.send(request.path)
        }
    }

    private static func run(_ work: () throws(CopyFailure) -> Void) -> Int32 {
        do throws(CopyFailure) {
            try work()
            return 0
        } catch {
            say(error.text)
            return 1
        }
    }

    private static func say(_ text: String) {
        let line = Array(text.utf8) + [UInt8(ascii: "\n")]
        line.withUnsafeBytes { buffer in _ = write(2, buffer.baseAddress, buffer.count) }
    }
}
