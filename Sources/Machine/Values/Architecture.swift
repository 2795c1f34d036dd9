/// A processor architecture as a machine needs to know it.
public enum Architecture: String, Sendable, Hashable, Codable, CaseIterable {
    case x86_64
    case aarch64

    /// The one that this program was built for.
    public static var host: Architecture {
        #if arch(arm64)
            .aarch64
        #else
            .x86_64
        #endif
    }

    /// The emulator's name.
    public var qemuProgram: String { "qemu-system-\(rawValue)" }

    /// The board that is emulated, with what no guest of ours needs left out.
    var board: [String] {
        switch self {
        // The AHCI controller alone costs every boot a third of a second of probing; the HPET, which a kernel leaves for the
        // local timers, goes on ticking in QEMU, and is most of what an idle machine costs.
        case .x86_64: ["q35", "sata=off", "smbus=off", "hpet=off"]
        case .aarch64: ["virt", "gic-version=max"]
        }
    }

    /// The serial port that the kernel knows as its console.
    public var console: String {
        switch self {
        case .x86_64: "ttyS0"
        case .aarch64: "ttyAMA0"
        }
    }
}
