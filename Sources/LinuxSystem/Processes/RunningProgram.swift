internal import CLinux
internal import Glibc

/// A child process that was started and not yet waited for.
public final class RunningProgram: Sendable {
    /// Its process id, valid until it has been waited for.
    public let process: Int32
    /// A pidfd: readable once the process has ended.
    public let processDescriptor: OwnedDescriptor

    init(process: Int32, processDescriptor: consuming OwnedDescriptor) {
        self.process = process
        self.processDescriptor = processDescriptor
    }

    /// Waits for its end.
    public func wait() throws(SystemError) -> ExitStatus {
        guard let status = try status(block: true) else {
            throw SystemError("wait for", "process \(process)", errno: ECHILD)
        }
        return status
    }

    /// How it ended, nil while it runs.
    public func poll() throws(SystemError) -> ExitStatus? {
        try status(block: false)
    }

    /// Sends a signal; one that has ended already is no error.
    public func signal(_ number: Int32) {
        _ = clinux_pidfd_send_signal(processDescriptor.raw, number)
    }

    private func status(block: Bool) throws(SystemError) -> ExitStatus? {
        var code: Int32 = 0
        var signalled = false
        let result = clinux_wait(process, block, &code, &signalled)
        guard result >= 0 else { throw SystemError("wait for", "process \(process)") }
        if result == 0 { return nil }
        return signalled ? .signalled(code) : .exited(code)
    }
}

/// A process that need not be a child, named without the danger that its number is used again.
public final class ProcessHandle: Sendable {
    /// Readable once the process has ended.
    public let descriptor: OwnedDescriptor

    /// nil when there is no such process.
    public init?(process: Int32) throws(SystemError) {
        let number = clinux_pidfd_open(process)
        if number < 0 {
            if errno == ESRCH || errno == EINVAL { return nil }
            throw SystemError("open", "process \(process)")
        }
        descriptor = OwnedDescriptor(owning: number)
    }

    /// Sends a signal; false when the process has ended.
    public func signal(_ number: Int32) throws(SystemError) -> Bool {
        if clinux_pidfd_send_signal(descriptor.raw, number) == 0 { return true }
        if errno == ESRCH { return false }
        throw SystemError("signal", "process")
    }

    /// Waits for its end at most so long; false when it still runs then.
    public func waitForEnd(milliseconds: Int?) throws(SystemError) -> Bool {
        try !Poller.wait([descriptor.raw], milliseconds: milliseconds).isEmpty
    }
}
