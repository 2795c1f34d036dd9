internal import Glibc
internal import LinuxSystem
public import SystemPackage

/// Where things are kept on this host, for this user.
public struct Places: Sendable, Hashable {
    /// Unpacked images; survives reboots, may be deleted at any time when nothing runs.
    public let cache: FilePath
    /// One directory for every machine; gone after a reboot.
    public let state: FilePath

    /// Places at explicit paths.
    public init(cache: FilePath, state: FilePath) {
        self.cache = cache
        self.state = state
    }

    /// The places by the environment: `BCVK_CACHE`, `BCVK_STATE`, then the XDG base directories; for root the system's.
    public static func standard() -> Places {
        place(isRoot: geteuid() == 0, user: geteuid()) { name in
            guard let value = getenv(name), value.pointee != 0 else { return nil }
            return String(cString: value)
        }
    }

    package static func place(isRoot: Bool, user: UInt32, variable: (String) -> String?) -> Places {
        let cache: String
        if let chosen = variable("BCVK_CACHE") {
            cache = chosen
        } else if isRoot {
            cache = "/var/cache/bcvk"
        } else if let base = variable("XDG_CACHE_HOME") {
            cache = base + "/bcvk"
        } else {
            cache = (variable("HOME") ?? "/tmp/bcvk-\(user)") + "/.cache/bcvk"
        }
        let state: String
        if let chosen = variable("BCVK_STATE") {
            state = chosen
        } else if isRoot {
            state = "/run/bcvk"
        } else if let base = variable("XDG_RUNTIME_DIR") {
            state = base + "/bcvk"
        } else {
            // Without a session there is no runtime directory; this one is checked for its owner before use.
            state = "/tmp/bcvk-\(user)"
        }
        return Places(cache: FilePath(cache), state: FilePath(state))
    }
}
