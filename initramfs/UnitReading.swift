import CGuest
import CLinux

/// Reads the image's units while systemd starts: when it comes to them the kernel knows them, and need not ask the host for each
/// one after the other. Where there is one processor only there would be nothing to win.
enum UnitReading {
    private static let directories = ["/usr/lib/systemd/system", "/etc/systemd/system"]

    /// Begins, beside what goes on.
    static func begin() {
        guard guest_processors() > 1, guest_fork_plainly() == 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        for directory in directories { read(directory, &buffer) }
        _exit(0)
    }

    private static func read(_ directory: String, _ buffer: inout [UInt8]) {
        let holder = guest_open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard holder >= 0 else { return }
        defer { close(holder) }
        guard let names = clinux_open_names(holder) else { return }
        defer { clinux_close_names(names) }
        while let name = clinux_next_name(names) {
            let file = clinux_open_name(holder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            guard file >= 0 else { continue }
            while buffer.withUnsafeMutableBytes({ CGuest.read(file, $0.baseAddress, $0.count) }) > 0 {}
            close(file)
        }
    }
}
