internal import LinuxSystem

/// Gives files their owner, mode and time and closes them, on a thread of its own while the next ones are written.
final class FileFinisher {
    /// Files are handed over together: a thread that is woken for each would cost more than it takes off.
    private static let batch = 16
    /// So many batches may wait.
    private static let limit = 2

    private var next: [UnfinishedFile] = []
    private let shared: Shared
    private let thread: BackgroundThread

    init() throws(SystemError) {
        let shared = Shared()
        self.shared = shared
        thread = try BackgroundThread { shared.work() }
    }

    deinit {
        shared.close()
        thread.join()
    }

    /// Takes a file over. Throws what an earlier one has failed with.
    func add(_ file: UnfinishedFile) throws {
        next.append(file)
        if next.count >= Self.batch { try handOver() }
    }

    /// Waits until all are finished.
    func drain() throws {
        if !next.isEmpty { try handOver() }
        try shared.wait { $0 == 0 }
    }

    private func handOver() throws {
        try shared.wait { $0 < Self.limit }
        shared.add(next)
        next = []
    }

    private final class Shared: @unchecked Sendable {
        private let monitor = Monitor()
        private var batches: [[UnfinishedFile]] = []
        /// How many batches are not finished.
        private var count = 0
        private var isClosed = false
        private var failure: (any Error)?

        func add(_ files: [UnfinishedFile]) {
            monitor.locked {
                batches.append(files)
                count += 1
            }
        }

        func wait(until isEnough: (Int) -> Bool) throws {
            try monitor.locked {
                while failure == nil, !isEnough(count) { monitor.wait() }
                if let failure { throw failure }
            }
        }

        func close() {
            monitor.locked { isClosed = true }
        }

        func work() {
            while let files = take() {
                var problem: (any Error)?
                do {
                    for file in files { try file.finish() }
                } catch {
                    problem = error
                }
                monitor.locked {
                    count -= 1
                    failure = failure ?? problem
                }
            }
        }

        private func take() -> [UnfinishedFile]? {
            monitor.locked {
                while batches.isEmpty, !isClosed { monitor.wait() }
                return batches.isEmpty ? nil : batches.removeFirst()
            }
        }
    }
}
