import Glibc
import LinuxSystem
import SystemPackage

/// Times of the phases of a launch, appended as JSON lines to the file that `BCVK_TIMING` names.
///
/// For benchmarks: the time since the process began, as the kernel knows it, at the end of each phase.
struct Timing {
    private let file: String?

    init() {
        file = getenv("BCVK_TIMING").map { String(cString: $0) }
    }

    /// Notes the end of a phase.
    func mark(_ phase: String) {
        guard let file else { return }
        let line = "{\"phase\": \"\(phase)\", \"milliseconds\": \(Self.millisecondsSinceStart())}\n"
        let descriptor = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return Message.warn("BCVK_TIMING: cannot write \(file)") }
        defer { close(descriptor) }
        let bytes = Array(line.utf8)
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }

    /// Field 22 of /proc/self/stat is the start in clock ticks since boot (proc(5)): good to 10 ms.
    private static func millisecondsSinceStart() -> Int {
        guard let text = try? Files.readWhole("/proc/self/stat", limit: 4096) else { return -1 }
        let fields = String(decoding: text, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 19, let ticks = Int(fields[19]) else { return -1 }
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        let perSecond = Int(sysconf(Int32(_SC_CLK_TCK)))
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000 - ticks * 1000 / perSecond
    }
}
