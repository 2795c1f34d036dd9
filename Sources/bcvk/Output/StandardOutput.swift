import Glibc
import LinuxSystem
import VirtualMachine

/// Standard output carries only what was asked for.
enum StandardOutput {
    /// Writes bytes; a reader that has gone is an error.
    static func write(_ bytes: some Collection<UInt8>) throws {
        try write(Array(bytes)[...], to: STDOUT_FILENO, "standard output")
    }

    /// Writes all bytes to one of our streams, which may be shared with others and non-blocking because of them.
    static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32, _ name: String) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                _ = try Poller.wait([Poller.Interest(descriptor, reads: false, writes: true)])
                continue
            }
            guard count > 0 else { throw SystemError("write", name) }
            rest = rest.dropFirst(count)
        }
    }

    /// Writes a line, or several. What a terminal would act on is left out: they may have what an image says of itself.
    static func line(_ text: String) throws {
        try write(Array("\(PrintableText.of(text, lines: true))\n".utf8))
    }

    /// Writes an object in its documented form (contrib/docs/json.md).
    static func form(_ value: some Encodable) throws {
        try json(VersionedForm(value))
    }

    /// Writes an array of objects, each in its documented form.
    static func forms<Value: Encodable>(_ values: [Value]) throws {
        try json(values.map { VersionedForm($0) })
    }

    /// Writes a value as JSON.
    static func json(_ value: some Encodable) throws {
        try write(try JSONText.encode(value))
    }
}
