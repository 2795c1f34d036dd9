import LinuxSystem
import Testing

@Suite("A queue of work")
struct WorkQueueTests {
    private struct Stop: Error {}

    /// Numbers below a limit, each of which leads to the two of a binary tree.
    private func run(below limit: Int, width: Int, failing: Int? = nil) throws -> [[Int]] {
        try WorkQueue.run(1, width: width) { queue in
            var done: [Int] = []
            try queue.forEach { number in
                if number == failing { throw Stop() }
                done.append(number)
                for next in [2 * number, 2 * number + 1] where next < limit { queue.add(next) }
            }
            return done
        }
    }

    @Test("ends when all that was found is done, each once", arguments: [1, 2, 5])
    func all(width: Int) throws {
        let parts = try run(below: 5000, width: width)
        #expect(parts.count == width)
        #expect(parts.flatMap(\.self).sorted() == Array(1..<5000))
    }

    @Test("does on one thread what was found last first")
    func order() throws {
        #expect(try run(below: 8, width: 1) == [[1, 3, 7, 6, 2, 5, 4]])
    }

    @Test("ends with the failure of one thread, whatever the others wait for", arguments: [1, 3])
    func failure(width: Int) {
        #expect(throws: Stop.self) { try run(below: 5000, width: width, failing: 1) }
        #expect(throws: Stop.self) { try run(below: 5000, width: width, failing: 2500) }
    }
}
