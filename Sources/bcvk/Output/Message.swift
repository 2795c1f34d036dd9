import Glibc
import LinuxSystem

/// Words for people; all of them go to standard error. What a terminal would act on is left out: they may quote a guest.
enum Message {
    /// One line.
    static func say(_ text: String) {
        write("\(text)\n")
    }

    /// Something that is not as it should be, but does not stop the work.
    static func warn(_ text: String) {
        write("bcvk: warning: \(text)\n")
    }

    /// What went wrong, and the cure where it is known.
    static func failure(_ error: any Error) {
        write("bcvk: \(error)\n")
        if let hint = (error as? any HintedError)?.hint { write("  hint: \(hint)\n") }
    }

    private static func write(_ text: String) {
        let bytes = Array(PrintableText.of(text, lines: true).utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
