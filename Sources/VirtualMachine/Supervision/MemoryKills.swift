package import LinuxSystem

/// What the kernel kills for want of memory in a control group, as far as it may have been one of a machine's programs.
package struct MemoryKills {
    /// nil where nobody counts.
    let group: MemoryControlGroup?
    private var seen: Int?
    private var last: ContinuousClock.Instant?

    /// The kernel counts before it kills, and a large program takes a while to go.
    private static let moment: Duration = .seconds(10)

    package init(of group: MemoryControlGroup?) {
        self.group = group
        seen = group?.kills
    }

    /// Looks whether there are more now.
    package mutating func look(at now: ContinuousClock.Instant = .now) {
        guard let kills = group?.kills else { return }
        if let seen, kills > seen { last = now }
        seen = kills
    }

    /// Whether there were any since the last look, or a moment before that.
    package mutating func areRecent(at now: ContinuousClock.Instant = .now) -> Bool {
        look(at: now)
        return last.map { now - $0 < Self.moment } ?? false
    }
}
