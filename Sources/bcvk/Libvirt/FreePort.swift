import Glibc
import LinuxSystem

/// A port for a domain that is defined now and started later.
enum FreePort {
    /// One that nobody listens on at this moment.
    static func find() throws -> UInt16 {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard number >= 0 else { throw SystemError("create", "socket") }
        defer { close(number) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(number, generic, length) == 0 ? getsockname(number, generic, &length) : -1
            }
        }
        guard result == 0 else { throw SystemError("find", "a free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}
