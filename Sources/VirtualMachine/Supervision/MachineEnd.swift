package import LinuxSystem

/// How a machine came to its end, found out from what was seen of it.
package struct MachineEnd: Sendable, Hashable {
    /// One short clause for messages.
    package var reason: String
    /// Whether it is something that nobody wished.
    package var failed: Bool

    init(reason: String, failed: Bool) {
        self.reason = reason
        self.failed = failed
    }

    /// - Parameters:
    ///   - shutdown: the `reason` of QEMU's SHUTDOWN event, nil when there was none.
    ///   - asked: whether we had asked for the end.
    ///   - exit: how QEMU ended.
    ///   - complaint: the last line of QEMU's own log.
    ///   - console: the last lines of the guest's console.
    ///   - service: the exit code of the service of an image without an init.
    package static func of(
        shutdown: String?, asked: Bool, exit: ExitStatus, complaint: String?, console: [String],
        service: Int32? = nil
    ) -> MachineEnd {
        if let fatal = console.last(where: { $0.contains(fatalMarker) }) {
            return MachineEnd(reason: fatal.trimmingPrefix(upTo: fatalMarker), failed: true)
        }
        if !asked, let panic = console.last(where: { $0.contains(panicMarker) }) {
            return MachineEnd(reason: "kernel panic:" + panic.trimmingPrefix(through: panicMarker), failed: true)
        }
        if let service { return MachineEnd(reason: "its service ended with exit code \(service)", failed: false) }
        switch shutdown {
        case "guest-shutdown"?: return MachineEnd(reason: "the guest powered off", failed: false)
        case "guest-reset"?: return MachineEnd(reason: "the guest rebooted", failed: false)
        case "guest-panic"?: return MachineEnd(reason: "the guest's kernel panicked", failed: true)
        case _ where asked: return MachineEnd(reason: "stopped", failed: false)
        case "host-qmp-quit"?: return MachineEnd(reason: "ended through its monitor", failed: false)
        default:
            let said = complaint.map { ": \($0)" } ?? ""
            return MachineEnd(reason: "QEMU ended with \(exit)\(said)", failed: true)
        }
    }

    /// The same, where the kernel has just killed a process because there was no memory for it.
    /// - Parameter limit: how many bytes the machine's control group may have; nil where there is no bound but the host's own.
    package func forWantOfMemory(limit: Int64?) -> MachineEnd {
        guard failed else { return self }
        let group = limit.map { "a control group's limit of \($0 >> 20) MiB" } ?? "this host"
        return MachineEnd(reason: "\(reason): the kernel killed for want of memory (\(group))", failed: true)
    }

    /// What the guest program writes before it gives up.
    private static let fatalMarker = "bcvk-guest: fatal:"
    private static let panicMarker = "Kernel panic - not syncing:"
}

extension String {
    fileprivate func trimmingPrefix(upTo marker: String) -> String {
        range(of: marker).map { String(self[$0.lowerBound...]) } ?? self
    }

    fileprivate func trimmingPrefix(through marker: String) -> String {
        range(of: marker).map { String(self[$0.upperBound...]) } ?? self
    }

    private func range(of marker: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(marker) { return start..<(index(start, offsetBy: marker.count)) }
            start = index(after: start)
        }
        return nil
    }
}
