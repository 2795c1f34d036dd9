import Glibc
import LinuxSystem

/// Standard error as a stream of the guest's program.
enum StandardError {
    /// Writes bytes as they are; a reader that has gone is an error.
    static func write(_ bytes: ArraySlice<UInt8>) throws {
        try StandardOutput.write(bytes, to: STDERR_FILENO, "standard error")
    }
}
