internal import Glibc

/// One thread of the system. It is joined, or runs to its end alone when nobody has it any more.
public final class BackgroundThread {
    private var thread: pthread_t?

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts it.
    public init(_ run: @escaping @Sendable () -> Void) throws(SystemError) {
        var started = pthread_t()
        let argument = Unmanaged.passRetained(Body(run))
        let result = pthread_create(
            &started, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument.toOpaque())
        guard result == 0 else {
            argument.release()
            throw SystemError("start", "thread", errno: result)
        }
        thread = started
    }

    deinit {
        if let thread { pthread_detach(thread) }
    }

    /// Waits for its end.
    public func join() {
        guard let thread else { return }
        self.thread = nil
        pthread_join(thread, nil)
    }
}
