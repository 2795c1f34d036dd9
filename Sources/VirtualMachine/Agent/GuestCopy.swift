internal import Glibc
internal import GuestProtocol
public import LinuxSystem
internal import Synchronization
internal import SystemPackage

/// Copies between this host and a guest, by the guest's agent: neither side needs tar, ssh or a network.
public struct GuestCopy {
    /// How a copy went.
    public struct Result {
        /// How the guest's side ended.
        public var outcome: GuestExecution.Outcome
        /// What the guest's side had to say.
        public var complaints: [String]
    }

    private let record: MachineRecord
    private let interruption: Interruption?

    /// Copies to or from a machine.
    /// - Parameter interruption: what may end a copy.
    public init(_ record: MachineRecord, interruption: Interruption? = nil) {
        self.record = record
        self.interruption = interruption
    }

    /// Copies a path of this host to a path of the guest.
    /// - Parameter warn: told what is left out.
    public func copyIn(_ source: String, to path: String, warn: @escaping @Sendable (String) -> Void) throws -> Result {
        guard access(source, R_OK) == 0 else { throw SystemError("read", source) }
        let (reading, writing) = try DescriptorPair.pipe()
        let stream = OwnedDescriptor(owning: reading)
        let feeder = try CopyThread(OwnedDescriptor(owning: writing)) { stream throws(CopyFailure) in
            var sender = CopySender(stream: stream, warn: warn)
            try sender.send(source)
        }
        let result = try run(.copyIn(CopyRequest(path: path)), input: stream.raw) { _ in }
        _ = consume stream
        let failure = feeder.finish()
        // The guest's own complaint says more than that it has stopped to read.
        if case .ended(.exited(0)) = result.outcome, let failure { throw failure }
        return result
    }

    /// Copies a path of the guest to a path of this host.
    public func copyOut(_ path: String, to destination: String) throws -> Result {
        let (reading, writing) = try DescriptorPair.pipe()
        let stream = OwnedDescriptor(owning: writing)
        let eater = try CopyThread(OwnedDescriptor(owning: reading)) { stream throws(CopyFailure) in
            var receiver = CopyReceiver(stream: stream, isFromGuest: true)
            try receiver.receive(to: destination)
        }
        let result: Result
        do {
            result = try run(.copyOut(CopyRequest(path: path)), input: nil) { bytes in
                try stream.writeAll(Array(bytes), subject: destination)
            }
        } catch let broken as SystemError where broken.errno == .brokenPipe {
            // The receiver has given up, and knows why.
            throw eater.finish() ?? broken as any Error
        }
        _ = consume stream
        let failure = eater.finish()
        if case .ended(.exited(0)) = result.outcome, let failure { throw failure }
        return result
    }

    private func run(
        _ request: GuestRequest, input: Int32?, output: (ArraySlice<UInt8>) throws -> Void
    ) throws -> Result {
        let execution = try GuestExecution(socket: FilePath(record.agentSocket), request)
        var complaints: [UInt8] = []
        let outcome = try execution.run(
            input: input, output: output,
            errorOutput: { if complaints.count < 1 << 16 { complaints += $0 } },
            events: interruption.map { wait in [(wait.descriptor, { _ in try wait.check() })] } ?? [])
        return Result(outcome: outcome, complaints: ConsoleTail.lines(in: complaints))
    }
}

/// One side of a copy on a thread of its own, since it waits for files and for its stream.
private final class CopyThread {
    private let thread: BackgroundThread
    private let failure: Shared

    private final class Shared: Sendable {
        let value = Mutex<CopyFailure?>(nil)
    }

    init(_ stream: consuming OwnedDescriptor, _ work: @escaping @Sendable (Int32) throws(CopyFailure) -> Void) throws {
        let failure = Shared()
        let number = stream.release()
        self.failure = failure
        thread = try BackgroundThread {
            defer { close(number) }
            do throws(CopyFailure) {
                try work(number)
            } catch {
                failure.value.withLock { $0 = error }
            }
        }
    }

    /// Waits for its end and returns why it did not get there.
    func finish() -> CopyFailure? {
        thread.join()
        return failure.value.withLock { $0 }
    }
}
