internal import Synchronization

/// Work of which more is found while it is done, for several threads. What was found last is done first: with the directories of a
/// tree, few are open at a time.
public final class WorkQueue<Item: Sendable>: @unchecked Sendable {
    private let monitor = Monitor()
    private var waiting: [Item]
    private var atWork = 0
    private var hasFailed = false

    private init(_ first: Item) {
        waiting = [first]
    }

    /// Does `first` and all that is found by it, on at most `width` threads, and returns what each of them has made. After a failure
    /// nothing further is begun, and the first failure is thrown.
    /// - Parameter work: called once on each thread; calls `forEach`.
    public static func run<Made: Sendable>(
        _ first: Item, width: Int, _ work: @escaping @Sendable (WorkQueue<Item>) throws -> Made
    ) throws -> [Made] {
        let queue = WorkQueue(first)
        let width = max(1, width)
        let made = Mutex<[Made]>([])
        try Threads.forEach(width, width: width) { _ in
            do {
                let one = try work(queue)
                made.withLock { $0.append(one) }
            } catch {
                queue.monitor.locked { queue.hasFailed = true }
                throw error
            }
        }
        return made.withLock { $0 }
    }

    /// Adds something to be done.
    public func add(_ item: Item) {
        monitor.locked { waiting.append(item) }
    }

    /// Calls `body` with one item after the other until no thread has any.
    public func forEach(_ body: (Item) throws -> Void) throws {
        while let item = next() {
            defer { monitor.locked { atWork -= 1 } }
            try body(item)
        }
    }

    private func next() -> Item? {
        monitor.locked {
            while waiting.isEmpty, atWork > 0, !hasFailed { monitor.wait() }
            guard !hasFailed, let item = waiting.popLast() else { return nil }
            atWork += 1
            return item
        }
    }
}
