import LinuxSystem
import SystemPackage

/// The host's clock, as far as a guest's depends on it.
enum HostClock {
    /// Whether the kernel offers the processor's time stamp counter as a clock: one that it finds unsteady it takes off the list.
    static var hasSteadyCounter: Bool {
        let list = "/sys/devices/system/clocksource/clocksource0/available_clocksource" as FilePath
        // Where it cannot be seen, it is not relied on.
        guard let bytes = try? Files.readWhole(list) else { return false }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).contains("tsc")
    }
}
