internal import Glibc
package import SystemPackage

/// The control group that this process is in, as far as it has to do with memory (cgroups(7)).
public struct MemoryControlGroup: Sendable {
    private let directory: FilePath
    /// Where the groups begin.
    private let top: FilePath
    private let version: Version

    private enum Version: Sendable {
        case one, two

        var events: String { self == .one ? "memory.oom_control" : "memory.events" }
        var limit: String { self == .one ? "memory.limit_in_bytes" : "memory.max" }
    }

    /// The one of this process; nil where the kernel counts nothing for it.
    public static func current() -> MemoryControlGroup? {
        guard let text = try? Files.readWhole("/proc/self/cgroup") else { return nil }
        return candidates(String(decoding: text, as: UTF8.self)).first { $0.kills != nil }
    }

    /// The groups that a text as of `/proc/self/cgroup` names. Both versions may be in use; memory is counted by one of them.
    package static func candidates(
        _ text: String, mountedAt mount: FilePath = "/sys/fs/cgroup"
    ) -> [MemoryControlGroup] {
        text.split(separator: "\n").compactMap { line -> MemoryControlGroup? in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].hasPrefix("/") else { return nil }
            let path = String(parts[2].drop { $0 == "/" })
            if parts[0] == "0", parts[1].isEmpty {
                return MemoryControlGroup(directory: mount.appending(path), top: mount, version: .two)
            }
            guard parts[1].split(separator: ",").contains("memory") else { return nil }
            let top = mount.appending("memory")
            return MemoryControlGroup(directory: top.appending(path), top: top, version: .one)
        }
    }

    /// How many of its processes the kernel has killed for want of memory; nil where nobody counts.
    public var kills: Int? {
        guard let text = read(version.events) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
        return line?.split(separator: " ").last.flatMap { Int($0) }
    }

    /// How many bytes it may have, by its own bound or that of a group above; nil where the host's memory is the only one.
    public var limit: Int64? {
        var smallest = Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE)))
        var found: Int64?
        var place = directory
        while true {
            // The second version says "max" where there is none, the first a number that no host reaches.
            if let text = read(version.limit, in: place), let bytes = Int64(text.prefix { $0.isNumber }),
                bytes < smallest
            {
                (smallest, found) = (bytes, bytes)
            }
            if place == top || !place.removeLastComponent() { return found }
        }
    }

    private func read(_ name: String) -> String? { read(name, in: directory) }

    private func read(_ name: String, in place: FilePath) -> String? {
        guard let bytes = try? Files.readWhole(place.appending(name), limit: 1 << 16) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
