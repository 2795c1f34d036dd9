import ArgumentParser
import Glibc

/// The bound of everything that a command does, from the image to the last output.
struct TimeLimit: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long the command may take in all; then everything is ended and the exit code is 124.",
            valueName: "seconds"))
    var timeout: Int?

    func validate() throws {
        if let timeout, timeout < 1 { throw ValidationError("--timeout takes at least 1 second") }
    }

    /// The exit code of a command whose time is over, as timeout(1) has it.
    static let exitCode: Int32 = 124

    /// Starts the clock. Once signals are watched as descriptors, the end of the time comes as SIGALRM among them.
    func begin() {
        guard let timeout else { return }
        signal(SIGALRM) { _ in
            // Nothing but a system call is allowed here. What a killed run leaves behind the next one clears.
            let text: StaticString = "bcvk: the time is over (--timeout)\n"
            _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
            _exit(TimeLimit.exitCode)
        }
        alarm(UInt32(timeout))
    }

    /// The exit code of a command that a signal has ended.
    static func code(ofSignal number: Int32) -> Int32 {
        guard number == SIGALRM else { return 128 + number }
        Message.say("bcvk: the time is over (--timeout)")
        return exitCode
    }
}
