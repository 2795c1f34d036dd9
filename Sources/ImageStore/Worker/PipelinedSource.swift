package import Compression
package import ContainerImage
internal import LinuxSystem

/// Reads a stream ahead on one thread and hashes it on another, so that both go on while files are written. At most `chunkCount`
/// pieces of `chunkSize` bytes are held, and each is handed out where it was read to.
package final class PipelinedSource: ByteSource {
    package static let chunkSize = 1 << 20
    private static let chunkCount = 6

    private let ring: Ring
    private let threads: [BackgroundThread]
    private var current: UnsafeRawBufferPointer?
    private var position = 0

    /// Takes the stream over until `stop`.
    package init(_ source: any ByteSource, hashedWith algorithm: Digest.Algorithm) throws {
        let ring = Ring(source, DigestHasher(algorithm))
        self.ring = ring
        let reading = try BackgroundThread { ring.read() }
        do {
            threads = [reading, try BackgroundThread { ring.hash() }]
        } catch {
            ring.cancel()
            reading.join()
            throw error
        }
    }

    deinit { stop() }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let piece = try read(through: buffer)
        buffer.copyMemory(from: piece)
        return piece.count
    }

    package func read(through buffer: UnsafeMutableRawBufferPointer) throws -> UnsafeRawBufferPointer {
        if current.map({ position == $0.count }) ?? true {
            if current != nil { ring.giveBack() }
            current = nil
            position = 0
            current = try ring.next()
        }
        guard let current else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let piece = UnsafeRawBufferPointer(rebasing: current[position..<min(position + buffer.count, current.count)])
        position += piece.count
        return piece
    }

    /// Ends the threads, which go no further. The stream is the caller's again.
    package func stop() {
        ring.cancel()
        for thread in threads { thread.join() }
    }

    /// The digest of what was hashed, to be asked for after `stop` only.
    package var digest: Digest { ring.digest }

    /// What the threads use: chunks in a ring, which are read to, then hashed, then taken, and counted under a lock.
    private final class Ring: @unchecked Sendable {
        private let monitor = Monitor()
        private let chunks: [UnsafeMutableRawBufferPointer]
        private var counts: [Int]
        private var filled = 0
        private var hashed = 0
        private var taken = 0
        private var isAtEnd = false
        private var isCancelled = false
        private var failure: (any Error)?
        /// The reading thread's alone.
        private var source: any ByteSource
        /// The hashing thread's alone.
        private var hasher: DigestHasher

        init(_ source: any ByteSource, _ hasher: DigestHasher) {
            self.source = source
            self.hasher = hasher
            chunks = (0..<chunkCount).map { _ in .allocate(byteCount: chunkSize, alignment: 4096) }
            counts = [Int](repeating: 0, count: chunkCount)
        }

        deinit {
            for chunk in chunks { chunk.deallocate() }
        }

        func read() {
            while true {
                let place: Int? = monitor.locked {
                    while filled - taken == chunkCount, !isCancelled { monitor.wait() }
                    return isCancelled ? nil : filled % chunkCount
                }
                guard let place else { return }
                let result = Result { try source.fill(chunks[place]) }
                let goesOn = monitor.locked {
                    switch result {
                    case .success(let count):
                        counts[place] = count
                        if count > 0 { filled += 1 }
                        isAtEnd = count < chunkSize
                    case .failure(let problem):
                        failure = problem
                        isAtEnd = true
                    }
                    return !isAtEnd
                }
                if !goesOn { return }
            }
        }

        func hash() {
            while true {
                let chunk: UnsafeRawBufferPointer? = monitor.locked {
                    while hashed == filled, !isAtEnd, !isCancelled { monitor.wait() }
                    return hashed < filled && !isCancelled ? self.chunk(hashed) : nil
                }
                guard let chunk else { return }
                hasher.update(chunk)
                monitor.locked { hashed += 1 }
            }
        }

        /// The next chunk, nil at the end. It stays valid until `giveBack`.
        func next() throws -> UnsafeRawBufferPointer? {
            try monitor.locked {
                while taken == hashed, !(isAtEnd && hashed == filled) { monitor.wait() }
                if taken < hashed { return chunk(taken) }
                if let failure { throw failure }
                return nil
            }
        }

        func giveBack() {
            monitor.locked { taken += 1 }
        }

        func cancel() {
            monitor.locked { isCancelled = true }
        }

        var digest: Digest { hasher.finish() }

        private func chunk(_ number: Int) -> UnsafeRawBufferPointer {
            let place = number % chunkCount
            return UnsafeRawBufferPointer(rebasing: chunks[place][..<counts[place]])
        }
    }
}
