internal import Glibc

/// Waits until one of several descriptors has something to read or was closed by its other side.
public enum Poller {
    /// Returns those of `descriptors` that are ready; an empty answer means that the time is over.
    /// - Parameter milliseconds: how long to wait at most; nil waits for ever.
    public static func wait(_ descriptors: [Int32], milliseconds: Int? = nil) throws(SystemError) -> Set<Int32> {
        var wanted = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let start = ContinuousClock.now
        while true {
            let left = milliseconds.map { Int32(clamping: max(0, $0 - Self.milliseconds(since: start))) } ?? -1
            let count = poll(&wanted, nfds_t(wanted.count), left)
            if count >= 0 { break }
            if errno != EINTR { throw SystemError("wait for", "descriptors") }
        }
        return Set(wanted.filter { $0.revents != 0 }.map(\.fd))
    }

    /// What to wait for on a descriptor. That its other side has closed it is told in any case.
    public struct Interest: Sendable {
        let descriptor: Int32
        let reads: Bool
        let writes: Bool

        /// Something to read, room to write, both, or only the close.
        public init(_ descriptor: Int32, reads: Bool = true, writes: Bool = false) {
            self.descriptor = descriptor
            self.reads = reads
            self.writes = writes
        }
    }

    /// What has become possible.
    public struct Readiness: Sendable {
        private let states: [Int32: Int16]

        init(_ states: [Int32: Int16]) {
            self.states = states
        }

        /// Whether there is something to read, or the other side has closed.
        public func canRead(_ descriptor: Int32) -> Bool { has(descriptor, POLLIN | POLLHUP | POLLERR) }
        /// Whether there is room to write, or writing tells that the other side has closed.
        public func canWrite(_ descriptor: Int32) -> Bool { has(descriptor, POLLOUT | POLLHUP | POLLERR) }
        /// Whether the other side has closed, or there is anything that was waited for.
        public func contains(_ descriptor: Int32) -> Bool { states[descriptor] != nil }

        private func has(_ descriptor: Int32, _ mask: Int32) -> Bool {
            states[descriptor].map { Int32($0) & mask != 0 } ?? false
        }
    }

    /// Waits until one of the interests is met; nothing is ready when the time is over.
    public static func wait(
        _ interests: [Interest], milliseconds: Int? = nil
    ) throws(SystemError) -> Readiness {
        var wanted = interests.map { interest in
            pollfd(
                fd: interest.descriptor,
                events: Int16((interest.reads ? POLLIN : 0) | (interest.writes ? POLLOUT : 0)), revents: 0)
        }
        let start = ContinuousClock.now
        while true {
            let left = milliseconds.map { Int32(clamping: max(0, $0 - Self.milliseconds(since: start))) } ?? -1
            if poll(&wanted, nfds_t(wanted.count), left) >= 0 { break }
            if errno != EINTR { throw SystemError("wait for", "descriptors") }
        }
        let ready = wanted.filter { $0.revents != 0 }.map { ($0.fd, $0.revents) }
        return Readiness(Dictionary(ready, uniquingKeysWith: |))
    }

    /// Whole milliseconds that have gone by.
    public static func milliseconds(since start: ContinuousClock.Instant) -> Int {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
