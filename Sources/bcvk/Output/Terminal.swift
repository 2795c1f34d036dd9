import Glibc

/// What our standard streams are connected to.
enum Terminal {
    /// Whether a person is at both ends: then a remote command gets a terminal too.
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Whether progress can be drawn.
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

    /// The width of standard error's terminal, in columns.
    static var width: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}
