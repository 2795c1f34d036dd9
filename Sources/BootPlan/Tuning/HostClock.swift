import LinuxSystem
import SystemPackage

/// The host's clock, as far as a guest's depends on it.
package enum HostClock {
    /// The processor's time stamp counter.
    package struct Counter: Sendable, Equatable {
        /// Its steps in a second, to some per mille; nil where the kernel does not say.
        package let frequency: Int?

        package init(frequency: Int?) {
            self.frequency = frequency
        }
    }

    /// The counter, where the kernel offers it as a clock: one that it finds unsteady it takes off the list.
    package static var counter: Counter? {
        let list = "/sys/devices/system/clocksource/clocksource0/available_clocksource" as FilePath
        // Where it cannot be seen, it is not relied on.
        guard let bytes = try? Files.readWhole(list),
            String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).contains("tsc")
        else { return nil }
        return Counter(frequency: (try? Files.readWhole("/proc/cpuinfo" as FilePath)).flatMap(frequency))
    }

    /// Of a kernel that waits by the counter, "bogomips" is two steps of it in a microsecond. They are rounded: what is kept by them
    /// shall be found again when the host was started again, and has measured anew.
    package static func frequency(ofProcessors information: [UInt8]) -> Int? {
        let key = "bogomips"
        guard let line = ConfigurationLines(information, holding: key).first(where: { $0.hasPrefix(key) }),
            let value = line.split(separator: ":").last, let number = Double(value.drop { $0 == " " }),
            (200...40_000).contains(number)
        else { return nil }
        return Int((number / 2 / 10).rounded()) * 10_000_000
    }
}
