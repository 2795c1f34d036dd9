import Glibc
import GuestProtocol
import LinuxSystem

/// A person's terminal that hands on every key as it is (termios(3), raw mode), until it is put back in order.
final class RawTerminal {
    private let descriptor: Int32
    private let before: termios

    /// nil where the descriptor is no terminal.
    init?(_ descriptor: Int32) throws {
        var state = termios()
        guard isatty(descriptor) == 1, tcgetattr(descriptor, &state) == 0 else { return nil }
        self.descriptor = descriptor
        before = state
        cfmakeraw(&state)
        guard tcsetattr(descriptor, TCSANOW, &state) == 0 else { throw SystemError("set mode of", "terminal") }
    }

    /// Puts it back in order.
    func restore() {
        var state = before
        // A terminal that is gone has no mode either.
        _ = tcsetattr(descriptor, TCSADRAIN, &state)
    }

    /// The size of a terminal; 24 by 80 where it is not known.
    static func size(_ descriptor: Int32) -> TerminalSize {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else {
            return TerminalSize(rows: 24, columns: 80)
        }
        return TerminalSize(rows: size.ws_row, columns: size.ws_col)
    }
}
