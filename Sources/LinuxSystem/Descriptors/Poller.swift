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

    /// Whole milliseconds that have gone by.
    public static func milliseconds(since start: ContinuousClock.Instant) -> Int {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
