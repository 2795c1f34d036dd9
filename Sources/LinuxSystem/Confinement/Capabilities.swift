internal import CCapability
internal import Glibc

/// What root may do beyond others (capabilities(7)). The kernel counts them for each thread: threads inherit those of the one that
/// starts them.
public enum Capabilities {
    /// One of them.
    public enum Capability: Int32, Sendable {
        // The numbers are the kernel's own.
        case changeOwner = 0
        case overrideAccess = 1
        case searchAndRead = 2
        case actAsOwner = 3
        case keepSetID = 4
        case makeDevice = 27
        case setFileCapabilities = 31
    }

    /// Takes all but these from the calling thread, for good: neither it nor a program that it executes has them again. What it does not
    /// have anyway stays missing.
    public static func keepOnly(_ kept: Set<Capability>) throws(SystemError) {
        guard let current = cap_get_proc(), let wanted = cap_init() else { throw SystemError("read", "capabilities") }
        defer {
            cap_free(UnsafeMutableRawPointer(current))
            cap_free(UnsafeMutableRawPointer(wanted))
        }
        for capability in kept {
            var state = CAP_CLEAR
            guard cap_get_flag(current, capability.rawValue, CAP_PERMITTED, &state) == 0 else {
                throw SystemError("read", "capabilities")
            }
            if state == CAP_CLEAR { continue }
            var number = capability.rawValue
            for set in [CAP_PERMITTED, CAP_EFFECTIVE] where cap_set_flag(wanted, set, 1, &number, CAP_SET) != 0 {
                throw SystemError("choose", "capabilities")
            }
        }
        // Those of the bounding set first: to drop them takes a capability.
        for number in 0..<cap_max_bits() {
            if kept.contains(where: { $0.rawValue == number }) { continue }
            if cap_get_bound(number) == 1, cap_drop_bound(number) != 0, errno != EPERM {
                throw SystemError("drop", "capability \(number)")
            }
        }
        guard cap_set_proc(wanted) == 0 else { throw SystemError("drop", "capabilities") }
    }
}
