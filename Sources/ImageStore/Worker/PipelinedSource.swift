internal import Compression
internal import LinuxSystem

/// Reads a stream ahead on a thread of its own, so that decoding and hashing go on while files are written. At most
/// `chunkCount` pieces of `chunkSize` bytes are held.
final class PipelinedSource: ByteSource {
    static let chunkSize = 1 << 20
    static let chunkCount = 4

    private let shared: Shared
    private let thread: BackgroundThread
    private var current: UnsafeRawBufferPointer?
    private var position = 0
    private var ended = false

    /// Takes the stream over until `stop`.
    init(_ source: any ByteSource) throws {
        let shared = Shared(source)
        self.shared = shared
        thread = try BackgroundThread { shared.produce() }
    }

    deinit { stop() }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if current.map({ position == $0.count }) ?? true {
            guard try advance() else { return 0 }
        }
        guard let current else { return 0 }
        let piece = UnsafeRawBufferPointer(rebasing: current[position..<min(position + buffer.count, current.count)])
        buffer.copyMemory(from: piece)
        position += piece.count
        return piece.count
    }

    /// Ends the thread, which reads no further. The stream is the caller's again.
    func stop() {
        shared.cancel()
        thread.join()
    }

    private func advance() throws -> Bool {
        if ended { return false }
        if current != nil { shared.giveBack() }
        current = nil
        position = 0
        current = try shared.next()
        ended = current == nil
        return !ended
    }

    /// What both threads use: a ring of chunks, counted under a lock.
    private final class Shared: @unchecked Sendable {
        private var source: any ByteSource
        private let chunks: [UnsafeMutableRawBufferPointer]
        private var counts: [Int]
        private var filled = 0
        private var written = 0
        private var taken = 0
        private var isDone = false
        private var isCancelled = false
        private var failure: (any Error)?
        private let monitor = Monitor()

        init(_ source: any ByteSource) {
            self.source = source
            chunks = (0..<chunkCount).map { _ in .allocate(byteCount: chunkSize, alignment: 4096) }
            counts = [Int](repeating: 0, count: chunkCount)
        }

        deinit {
            for chunk in chunks { chunk.deallocate() }
        }

        func produce() {
            while true {
                let mayGoOn = monitor.locked {
                    while filled == chunkCount, !isCancelled { monitor.wait() }
                    return !isCancelled
                }
                guard mayGoOn else { return }
                let index = written % chunkCount
                var count = 0
                var problem: (any Error)?
                do {
                    count = try source.fill(chunks[index])
                } catch {
                    problem = error
                }
                written += 1
                monitor.locked {
                    counts[index] = count
                    if count > 0 { filled += 1 }
                    failure = problem
                    isDone = count < chunkSize || problem != nil
                }
                if count < chunkSize || problem != nil { return }
            }
        }

        /// The next chunk, nil at the end. It stays valid until `giveBack`.
        func next() throws -> UnsafeRawBufferPointer? {
            let count: Int? = monitor.locked {
                while filled == 0, !isDone { monitor.wait() }
                return filled > 0 ? counts[taken % chunkCount] : nil
            }
            guard let count else {
                if let failure { throw failure }
                return nil
            }
            return UnsafeRawBufferPointer(rebasing: chunks[taken % chunkCount][..<count])
        }

        func giveBack() {
            monitor.locked {
                taken += 1
                filled -= 1
            }
        }

        func cancel() {
            monitor.locked { isCancelled = true }
        }
    }
}
