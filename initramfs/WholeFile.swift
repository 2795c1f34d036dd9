import CGuest

/// Small files of the initramfs, and descriptors read to their end.
enum WholeFile {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func read(_ path: String) throws(GuestError) -> [UInt8] {
        let file = guest_open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw GuestError("open", path) }
        defer { close(file) }
        return try read(file, subject: path)
    }

    static func read(_ descriptor: Int32, subject: String) throws(GuestError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = chunk.withUnsafeMutableBytes { CGuest.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, guest_errno() == EINTR { continue }
            if count < 0 { throw GuestError("read", subject) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// Makes a file of the guest's own, readable by all.
    static func write(_ bytes: [UInt8], to path: String) throws(GuestError) {
        let file = guest_create(path, 0o644)
        guard file >= 0 else { throw GuestError("create", path) }
        defer { close(file) }
        try write(bytes, to: file, subject: path)
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32, subject: String) throws(GuestError) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                CGuest.write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
            }
            if count < 0, guest_errno() == EINTR { continue }
            if count <= 0 { throw GuestError("write", subject) }
            offset += count
        }
    }
}
