import Glibc
import LinuxSystem

/// One line on a terminal that is drawn over and over; nothing anywhere else.
final class ProgressBar {
    private let isShown = Terminal.showsProgress
    private var drawnAt: ContinuousClock.Instant?
    private var isDrawn = false

    /// Draws a step with its share done, at most ten times a second.
    func show(_ text: String, done: Int64, total: Int64) {
        guard isShown else { return }
        if let drawnAt, drawnAt.duration(to: .now) < .milliseconds(100), done < total { return }
        drawnAt = .now
        isDrawn = true
        let width = max(10, min(30, Terminal.width - text.count - 12))
        let filled = total > 0 ? Int(Double(width) * min(1, Double(done) / Double(total))) : 0
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let share = total > 0 ? " \(min(100, done * 100 / total)) %" : ""
        draw("\(PrintableText.of(text)) \(bar)\(share)")
    }

    /// Draws a step of unknown length.
    func show(_ text: String) {
        guard isShown else { return }
        isDrawn = true
        draw(PrintableText.of(text))
    }

    /// Clears the line.
    func clear() {
        guard isDrawn else { return }
        isDrawn = false
        write("\r\u{1B}[K")
    }

    private func draw(_ text: String) {
        write("\r\u{1B}[K" + String(text.prefix(max(20, Terminal.width - 1))))
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
