internal import Glibc
internal import LinuxSystem

/// Work that waits for descriptors and processes: each on a thread of its own, since it must hold up none of Swift's.
enum Blocking {
    /// Does the work; the cancellation of the calling task interrupts it.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable (Interruption) throws -> Value
    ) async throws(MachineFailure) -> Value {
        let cancellation: Cancellation
        do {
            cancellation = try Cancellation()
        } catch {
            throw MachineFailure(error)
        }
        let result = await withTaskCancellationHandler {
            await onThread { try work(cancellation.interruption) }
        } onCancel: {
            cancellation.request()
        }
        return try result.get()
    }

    /// Does the work to its end, whether the calling task is cancelled or not.
    static func runWhole<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws(MachineFailure) -> Value {
        try await onThread(work).get()
    }

    private static func onThread<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async -> Result<Value, MachineFailure> {
        await withCheckedContinuation { continuation in
            do {
                _ = try BackgroundThread {
                    do {
                        continuation.resume(returning: .success(try work()))
                    } catch {
                        continuation.resume(returning: .failure(MachineFailure(error)))
                    }
                }
            } catch {
                continuation.resume(returning: .failure(MachineFailure(error)))
            }
        }
    }
}

/// The wish of a task's canceller, as a descriptor that becomes readable.
private final class Cancellation: Sendable {
    private let reader: OwnedDescriptor
    private let writer: OwnedDescriptor

    init() throws(SystemError) {
        let (read, write) = try DescriptorPair.pipe()
        reader = OwnedDescriptor(owning: read)
        writer = OwnedDescriptor(owning: write)
    }

    func request() {
        var byte: UInt8 = 1
        _ = write(writer.raw, &byte, 1)
    }

    var interruption: Interruption {
        Interruption(descriptor: reader.raw) { [self] in
            if try !Poller.wait([reader.raw], milliseconds: 0).isEmpty { throw CancellationError() }
        }
    }
}
