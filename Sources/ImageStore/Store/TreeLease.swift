public import LinuxSystem

/// The promise that a tree stays as long as this value, or a process that inherited the lock, lives.
public struct TreeLease: Sendable {
    /// The shared lock.
    public let lock: FileLock
}

/// Nothing is removed from the store as long as this is alive.
public final class StoreHold: Sendable {
    private let lock: FileLock?

    init(lock: FileLock?) {
        self.lock = lock
    }
}
