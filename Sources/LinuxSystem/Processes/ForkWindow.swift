internal import Glibc

/// The time from a fork to the exec after it, in which a child has every open file of this process, and with them its locks.
enum ForkWindow {
    /// The one thread in such a time may start another program meanwhile, which maps the child's ids.
    private static let mutex = RecursiveMutex()

    /// Calls the body while no other thread is in such a time.
    static func alone<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex.raw)
        defer { pthread_mutex_unlock(mutex.raw) }
        return try body()
    }
}

private final class RecursiveMutex: @unchecked Sendable {
    let raw = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() {
        var attributes = pthread_mutexattr_t()
        pthread_mutexattr_init(&attributes)
        pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
        pthread_mutex_init(raw, &attributes)
        pthread_mutexattr_destroy(&attributes)
    }

    deinit {
        pthread_mutex_destroy(raw)
        raw.deallocate()
    }
}
