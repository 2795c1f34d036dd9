internal import Glibc

/// What a program that ran to its end left behind.
public struct ProgramResult: Hashable, Sendable {
    /// How it ended.
    public let exit: ExitStatus
    /// Its standard output.
    public let output: [UInt8]
    /// Its standard error.
    public let errorOutput: [UInt8]

    /// Standard output as text.
    public var text: String { String(decoding: output, as: UTF8.self) }

    /// The last line with content of standard error: programs put their reason there.
    public var errorText: String {
        String(decoding: errorOutput, as: UTF8.self).split(separator: "\n").last.map(String.init)
            ?? "no message (\(exit))"
    }
}

extension ChildProgram {
    /// Runs it to its end with `input` as standard input, collecting both output streams.
    /// - Parameters:
    ///   - milliseconds: how often `tick` is called meanwhile; without it never.
    public func run(every milliseconds: Int32? = nil, _ tick: () -> Void = {}) throws -> ProgramResult {
        try run(every: milliseconds, tick, beside: {})
    }

    /// The same, with work of this process at the same time, on this thread; the program's output is read after it. When the work
    /// fails, the program is killed.
    public func run(beside work: () throws -> Void) throws -> ProgramResult {
        try run(every: nil, {}, beside: work)
    }

    private func run(
        every milliseconds: Int32?, _ tick: () -> Void, beside work: () throws -> Void
    ) throws -> ProgramResult {
        var input = try OwnedPipe()
        var output = try OwnedPipe()
        var errorOutput = try OwnedPipe()
        let child = try start(descriptors: [input.read, output.write, errorOutput.write])
        input.closeRead()
        output.closeWrite()
        errorOutput.closeWrite()
        do {
            try work()
        } catch {
            child.signal(SIGKILL)
            _ = try child.wait()
            throw error
        }
        var exchange = ProgramExchange(input: self.input)
        try exchange.pump(
            input: &input, output: output.read, errorOutput: errorOutput.read, every: milliseconds ?? -1, tick)
        return ProgramResult(exit: try child.wait(), output: exchange.output, errorOutput: exchange.errorOutput)
    }
}

/// Moves bytes to and from a child without ever waiting for one stream while another is full.
private struct ProgramExchange {
    var output: [UInt8] = []
    var errorOutput: [UInt8] = []
    private let input: [UInt8]
    private var sent = 0

    init(input: [UInt8]) {
        self.input = input
    }

    mutating func pump(
        input pipe: inout OwnedPipe, output outputDescriptor: Int32, errorOutput errorDescriptor: Int32,
        every milliseconds: Int32, _ tick: () -> Void
    ) throws(SystemError) {
        // A child that ends without reading everything is not our error: EPIPE instead of a signal.
        signal(SIGPIPE, SIG_IGN)
        guard fcntl(pipe.write, F_SETFL, O_NONBLOCK) == 0 else { throw SystemError("prepare", "pipe") }
        var open: Set<Int32> = [outputDescriptor, errorDescriptor]
        sendInput(&pipe)
        while !open.isEmpty {
            var wanted = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let writer = pipe.write
            if writer >= 0 { wanted.append(pollfd(fd: writer, events: Int16(POLLOUT), revents: 0)) }
            let ready = poll(&wanted, nfds_t(wanted.count), milliseconds)
            if ready < 0 {
                if errno == EINTR { continue }
                throw SystemError("wait for", "child output")
            }
            if ready == 0 { tick() }
            for ready in wanted where ready.revents != 0 {
                if ready.fd == writer {
                    sendInput(&pipe)
                } else if ready.fd == outputDescriptor {
                    if !Self.receive(ready.fd, into: &output) { open.remove(ready.fd) }
                } else if !Self.receive(ready.fd, into: &errorOutput) {
                    open.remove(ready.fd)
                }
            }
        }
    }

    private mutating func sendInput(_ pipe: inout OwnedPipe) {
        while sent < input.count {
            let count = input[sent...].withUnsafeBytes { write(pipe.write, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            if count <= 0 { break }
            sent += count
        }
        pipe.closeWrite()
    }

    private static func receive(_ descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 { bytes.append(contentsOf: UnsafeRawBufferPointer(buffer)[..<count]) }
            return count > 0 || (count < 0 && errno == EINTR)
        }
    }
}
