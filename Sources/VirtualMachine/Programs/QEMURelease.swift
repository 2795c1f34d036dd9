internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// A release of QEMU, by the first two numbers of its version.
package struct QEMURelease: Hashable, Comparable, Sendable, CustomStringConvertible {
    let major: Int
    let minor: Int

    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// The first version that stands in a text, as `--version` and the monitor give it; nil where there is none.
    package init?(in text: String) {
        for word in text.split(whereSeparator: { $0.isWhitespace }) {
            let numbers = word.split(separator: ".").map { Int($0) }
            if numbers.count >= 2, let major = numbers[0], let minor = numbers[1] {
                self.init(major, minor)
                return
            }
        }
        return nil
    }

    package static func < (one: QEMURelease, other: QEMURelease) -> Bool {
        (one.major, one.minor) < (other.major, other.minor)
    }

    package var description: String { "\(major).\(minor)" }

    /// Whether several threads may translate a guest's code at once.
    ///
    /// Before 8.1, a thread that was translating code while another changed it could keep what was there before. A Linux kernel
    /// changes its own code while it runs, by way of a breakpoint (text_poke_bp); one that was kept is an `Oops: int3` later on,
    /// seen in one of some thirty boots on a busy host.
    package var translatesInParallel: Bool { self >= QEMURelease(8, 1) }
}

extension QEMUProgram {
    /// Whether one thread has to translate for all processors. A version that nobody can read is taken for a new one.
    static func mustTranslateInTurn(
        _ program: FilePath, _ accelerator: Accelerator, processors: Int, _ answers: ProgramAnswers
    ) throws -> Bool {
        guard accelerator == .tcg, processors > 1 else { return false }
        let text = try ProgramAnswers.answer(of: program, to: "--version", kept: answers)
        return QEMURelease(in: text).map { !$0.translatesInParallel } ?? false
    }
}
