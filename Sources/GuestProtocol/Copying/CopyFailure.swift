#if hasFeature(Embedded)
    import CGuest
    import CLinux
#else
    internal import CLinux
    internal import Glibc
#endif

/// Why a copy went no further.
public struct CopyFailure: Error, Sendable, CustomStringConvertible {
    /// What was tried, on what, and why it failed.
    public let text: String

    init(_ operation: String, _ subject: String) {
        // strerror's text is static for every errno that there is.
        text = "\(operation) \(subject): \(String(cString: strerror(clinux_errno())))"
    }

    init(reason: String) {
        text = reason
    }

    public var description: String { text }
}

/// Bytes as a text for messages.
func shown(_ name: [UInt8]) -> String {
    String(decoding: name, as: UTF8.self)
}

/// Calls the body with the bytes as a C string.
func withCName<Result>(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    let terminated = name.map { CChar(bitPattern: $0) } + [0]
    return terminated.withUnsafeBufferPointer { buffer in
        // An array with its zero byte is never empty.
        buffer.baseAddress.map(body) ?? "".withCString(body)
    }
}

/// A descriptor that is written or read in whole pieces.
enum WholeTransfer {
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ subject: String) throws(CopyFailure) {
        var offset = 0
        while offset < bytes.count {
            #if hasFeature(Embedded)
                let count = CGuest.write(descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
            #else
                let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
            #endif
            if count < 0, clinux_errno() == EINTR { continue }
            if count <= 0 { throw CopyFailure("write", subject) }
            offset += count
        }
    }

    /// Reads what there is; 0 at the end.
    static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, _ subject: String)
        throws(CopyFailure) -> Int
    {
        while true {
            #if hasFeature(Embedded)
                let count = CGuest.read(descriptor, buffer.baseAddress, buffer.count)
            #else
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
            if count < 0, clinux_errno() == EINTR { continue }
            if count < 0 { throw CopyFailure("read", subject) }
            return count
        }
    }
}
