internal import CLinux

/// Signals as a descriptor to poll, in place of handlers.
public final class SignalDescriptor: Sendable {
    /// Becomes readable when one of the signals has come.
    public let descriptor: OwnedDescriptor

    /// Blocks the signals for the calling thread and those it starts later: call it before any other thread runs.
    public init(_ signals: [Int32]) throws(SystemError) {
        let number = clinux_signal_descriptor(signals, Int32(signals.count))
        guard number >= 0 else { throw SystemError("watch", "signals") }
        descriptor = OwnedDescriptor(owning: number)
    }

    /// The next signal that has come, nil when there is none.
    public func next() throws(SystemError) -> Int32? {
        let number = clinux_read_signal(descriptor.raw)
        guard number >= 0 else { throw SystemError("read", "signals") }
        return number == 0 ? nil : number
    }
}
