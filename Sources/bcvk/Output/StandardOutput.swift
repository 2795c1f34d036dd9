import Glibc
import LinuxSystem
import VirtualMachine

/// Standard output carries only what was asked for.
enum StandardOutput {
    /// Writes bytes; a reader that has gone is an error.
    static func write(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError("write", "standard output") }
            offset += count
        }
    }

    /// Writes a line.
    static func line(_ text: String) throws {
        try write(Array("\(text)\n".utf8))
    }

    /// Writes a value as JSON.
    static func json(_ value: some Encodable) throws {
        try write(try JSONText.encode(value))
    }
}
