internal import CCapability
internal import Glibc
internal import SystemPackage

/// How a process is fenced in, as the kernel tells it now (proc_pid_status(5), namespaces(7)).
public struct ProcessConfinement: Sendable, Hashable, Codable {
    /// What of system calls is filtered.
    public enum Seccomp: String, Sendable, Hashable, Codable {
        case off, strict, filter
    }

    /// The user whose rights it has.
    public let user: UInt32
    /// Its capabilities, as `cap_setuid`; in its own user namespace, where it has one.
    public let capabilities: [String]
    /// Those that a program that it executes could get.
    public let boundingCapabilities: [String]
    /// Whether it and its children never gain privileges.
    public let noNewPrivileges: Bool
    /// Whether its system calls are filtered.
    public let seccomp: Seccomp
    /// The namespaces that are not this process's own: `mnt`, `user`, `ipc`…; nil where this user may not look.
    public let namespaces: [String]?
    /// Whether its root directory is another than this process's; nil where this user may not look.
    public let ownRoot: Bool?

    enum CodingKeys: String, CodingKey {
        case user, capabilities, seccomp, namespaces
        case boundingCapabilities = "bounding_capabilities"
        case noNewPrivileges = "no_new_privileges"
        case ownRoot = "own_root"
    }

    /// That of a process; nil when there is none of this number.
    public init?(process: Int32) throws(SystemError) {
        let place = "/proc/\(process)"
        guard let text = try Files.readIfPresent(FilePath("\(place)/status"), limit: 1 << 16) else { return nil }
        var fields: [Substring: Substring] = [:]
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1].drop { $0 == "\t" || $0 == " " } }
        }
        user = fields["Uid"]?.split(separator: "\t").first.flatMap { UInt32($0) } ?? UInt32.max
        capabilities = Self.names(fields["CapEff"])
        boundingCapabilities = Self.names(fields["CapBnd"])
        noNewPrivileges = fields["NoNewPrivs"] == "1"
        seccomp = fields["Seccomp"] == "2" ? .filter : fields["Seccomp"] == "1" ? .strict : .off
        namespaces = Self.foreignNamespaces(place)
        ownRoot = Self.hasOwnRoot(place)
    }

    /// The children of a process, as far as the kernel tells.
    public static func children(of process: Int32) throws(SystemError) -> [Int32] {
        let path = FilePath("/proc/\(process)/task/\(process)/children")
        let text = String(decoding: try Files.readIfPresent(path, limit: 1 << 16) ?? [], as: UTF8.self)
        return text.split(separator: " ").compactMap { Int32($0) }
    }

    private static func names(_ mask: Substring?) -> [String] {
        let bits = mask.flatMap { UInt64($0, radix: 16) } ?? 0
        return (0..<64).filter { bits >> UInt64($0) & 1 == 1 }.map { number in
            guard let name = cap_to_name(Int32(number)) else { return "\(number)" }
            defer { cap_free(name) }
            return String(cString: name)
        }
    }

    private static func foreignNamespaces(_ place: String) -> [String]? {
        var found: [String] = []
        for kind in ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"] {
            guard let theirs = link("\(place)/ns/\(kind)") else { return nil }
            if theirs != link("/proc/self/ns/\(kind)") { found.append(kind) }
        }
        return found
    }

    private static func hasOwnRoot(_ place: String) -> Bool? {
        var theirs = stat()
        var ours = stat()
        guard stat("\(place)/root", &theirs) == 0, stat("/", &ours) == 0 else { return nil }
        return theirs.st_dev != ours.st_dev || theirs.st_ino != ours.st_ino
    }

    private static func link(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlink(path, $0.assumingMemoryBound(to: CChar.self), 128) } ?? -1
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
