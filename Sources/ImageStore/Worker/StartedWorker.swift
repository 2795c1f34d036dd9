import FoundationEssentials
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A worker that runs. It does one request; without one it ends when nobody has it any more.
final class StartedWorker {
    private var input: OwnedPipe
    private var output: OwnedPipe
    private var ending: (() throws -> ExitStatus)?
    /// Whether it was given something to do.
    private(set) var hasRequest = false

    /// - Parameter ending: waits for its end.
    init(input: consuming OwnedPipe, output: consuming OwnedPipe, _ ending: @escaping () throws -> ExitStatus) {
        self.input = input
        self.output = output
        self.ending = ending
    }

    deinit {
        output.closeRead()
        // Whoever wants to know how it ended has asked.
        _ = try? wait()
    }

    /// Has the request done, and hands its progress on; returns as soon as the result is there.
    /// - Parameters:
    ///   - subject: what messages call the work, as "unpacking IMAGE".
    ///   - note: told of what the user should know meanwhile.
    func run(
        _ request: WorkerRequest, subject: String, note: (String) -> Void = { _ in },
        _ progress: (_ done: Int64, _ total: Int64) -> Void
    ) throws -> WorkerResult {
        hasRequest = true
        try send(request)
        var lines = LineReader(output.read)
        while let line = try lines.next() {
            switch try JSONDecoder().decode(WorkerMessage.self, from: Data(line)) {
            case .progress(let done, let total): progress(done, total)
            case .note(let text): note(text)
            case .finished(let result): return result
            case .failed(let message, let blob?):
                throw StoreError.damagedBlob(blob, during: subject, reason: message)
            case .failed(let message, nil): throw StoreError.workFailed(subject, reason: message)
            }
        }
        throw StoreError.workerDied(subject, reason: "\(try wait())")
    }

    /// Waits for its end.
    func end(_ subject: String) throws {
        let exit = try wait()
        guard exit == .exited(0) else { throw StoreError.workerDied(subject, reason: "\(exit)") }
    }

    private func wait() throws -> ExitStatus {
        // One that has had no request sees that none will come.
        input.closeWrite()
        defer { ending = nil }
        return try ending?() ?? .exited(0)
    }

    /// The worker reads all of it before it does anything, so this cannot wait for ever. One that ends before it has read it
    /// says nothing, and is told of by how it ended.
    private func send(_ request: WorkerRequest) throws {
        let bytes = Array(try JSONEncoder().encode(request))
        let own = OwnedDescriptor(owning: fcntl(input.write, F_DUPFD_CLOEXEC, 3))
        input.closeWrite()
        do {
            try own.writeAll(bytes, subject: "worker")
        } catch {
            guard error.errno == .brokenPipe else { throw error }
        }
    }
}

/// Lines of a descriptor.
private struct LineReader {
    private let descriptor: Int32
    private var partial: [UInt8] = []

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    mutating func next() throws(SystemError) -> [UInt8]? {
        while true {
            if let end = partial.firstIndex(of: UInt8(ascii: "\n")) {
                defer { partial.removeSubrange(...end) }
                return Array(partial[..<end])
            }
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read from", "worker") }
            if count == 0 { return nil }
            partial += buffer[..<count]
        }
    }
}
