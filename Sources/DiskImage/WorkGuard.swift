internal import Glibc
internal import LinuxSystem
internal import Synchronization
internal import SystemPackage

/// Removes unfinished work when a signal ends the process.
final class WorkGuard: Sendable {
    private static let signals = [SIGINT, SIGTERM, SIGHUP]
    private let paths: [FilePath]
    private let isOver = Mutex(false)

    /// From here on the signals go to a thread of its own; programs that are started get them back.
    init(_ paths: [FilePath]) throws(SystemError) {
        self.paths = paths
        var set = sigset_t()
        sigemptyset(&set)
        for signal in Self.signals { sigaddset(&set, signal) }
        guard pthread_sigmask(SIG_BLOCK, &set, nil) == 0 else { throw SystemError("block", "signals") }
        let owned = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<WorkGuard>.fromOpaque(argument).takeRetainedValue().wait()
                return nil
            }, owned.toOpaque())
        guard result == 0 else {
            owned.release()
            throw SystemError("start", "thread", errno: result)
        }
        pthread_detach(thread)
    }

    /// The work is done or removed already. The signals stay with the thread, which then only ends the process.
    func end() {
        isOver.withLock { $0 = true }
    }

    private func wait() {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in Self.signals { sigaddset(&set, signal) }
        var number: Int32 = 0
        guard sigwait(&set, &number) == 0 else { return }
        // Held to the end: nothing is renamed or removed beside this.
        isOver.withLock { over in
            if !over {
                for path in paths {
                    // Nobody is left to be told that this has failed, and the next run tries it again.
                    try? Files.removeTree(path)
                }
            }
            _exit(128 + number)
        }
    }
}
