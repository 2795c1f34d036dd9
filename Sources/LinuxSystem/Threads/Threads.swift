internal import Glibc
internal import Synchronization

/// Threads of the system, for work that waits for files and not for anything else.
public enum Threads {
    /// How many processors this process may use.
    public static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Calls `body` for every index below `count`, at most `width` at a time, and returns when all have ended. After a
    /// failure no further index is begun, and the first failure is thrown.
    public static func forEach(
        _ count: Int, width: Int, _ body: @escaping @Sendable (Int) throws -> Void
    ) throws {
        if count <= 1 || width <= 1 {
            for index in 0..<count { try body(index) }
            return
        }
        let state = Mutex<(next: Int, failure: (any Error)?)>((0, nil))
        let work: @Sendable () -> Void = {
            while true {
                let index: Int? = state.withLock { state in
                    guard state.failure == nil, state.next < count else { return nil }
                    defer { state.next += 1 }
                    return state.next
                }
                guard let index else { return }
                do {
                    try body(index)
                } catch {
                    state.withLock { if $0.failure == nil { $0.failure = error } }
                }
            }
        }
        var threads: [pthread_t] = []
        for _ in 1..<min(width, count) {
            if let thread = start(work) { threads.append(thread) }
        }
        work()
        for thread in threads { pthread_join(thread, nil) }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    private final class Closure: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// nil when the system gives no thread: then the others do its work.
    private static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
        let argument = Unmanaged.passRetained(Closure(body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Closure>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, argument.toOpaque())
        if result == 0 { return thread }
        argument.release()
        return nil
    }
}
