internal import CLinux

/// Tells each time that so much time has gone by (timerfd_create(2)), while the host sleeps too.
public struct TimerDescriptor: ~Copyable {
    private let timer: OwnedDescriptor

    /// Starts it.
    public init(milliseconds: Int) throws(SystemError) {
        let number = clinux_timer(Int64(milliseconds))
        guard number >= 0 else { throw SystemError("create", "timer") }
        timer = OwnedDescriptor(owning: number)
    }

    /// Readable when the time has gone by.
    public var descriptor: Int32 { timer.raw }

    /// Takes what has been told.
    public func drain() { clinux_drain(timer.raw) }
}
