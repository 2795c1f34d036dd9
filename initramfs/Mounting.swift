import CGuest

/// mount(2) with errors that name the place.
enum Mounting {
    static let noSuid = UInt(MS_NOSUID)
    static let noDevices = UInt(MS_NODEV)
    static let noExec = UInt(MS_NOEXEC)
    static let readOnly = UInt(MS_RDONLY)
    static let noAccessTimes = UInt(MS_NOATIME)
    static let bind = UInt(MS_BIND)
    static let move = UInt(MS_MOVE)

    static func mount(
        _ source: String, on target: String, type: String? = nil, flags: UInt = 0, options: String? = nil
    ) throws(GuestError) {
        let result = withOptionalCString(type) { type in
            withOptionalCString(options) { options in CGuest.mount(source, target, type, flags, options) }
        }
        if result != 0 { throw GuestError("mount", target) }
    }

    /// A directory of the initramfs.
    static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(GuestError) {
        if mkdir(path, mode) != 0, guest_errno() != EEXIST { throw GuestError("create", path) }
    }

    /// A directory of the initramfs with those above it.
    static func makeDirectories(_ path: String) throws(GuestError) {
        let bytes = Array(path.utf8)
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "/") && index > 0 {
            try makeDirectory(String(decoding: bytes[..<index], as: UTF8.self))
        }
        try makeDirectory(path)
    }

    private static func withOptionalCString(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Int32) -> Int32 {
        guard let text else { return body(nil) }
        return text.withCString { body($0) }
    }
}
