internal import Glibc
internal import SystemPackage

/// What this host's kernel lets ordinary users do with namespaces, as its settings say.
public struct NamespaceLimits: Sendable, Hashable {
    /// Debian's and Arch's switch: 0 forbids user namespaces to ordinary users. nil where the kernel has no such setting.
    public let unprivilegedClone: Int?
    /// How many user namespaces there may be (namespaces(7)); 0 forbids them. nil where the kernel has none.
    public let maximum: Int?
    /// Ubuntu's switch: 1 takes all privileges in user namespaces from programs without a profile of AppArmor's that allows them.
    public let restrictedByAppArmor: Int?

    /// Settings by their values.
    public init(unprivilegedClone: Int?, maximum: Int?, restrictedByAppArmor: Int?) {
        self.unprivilegedClone = unprivilegedClone
        self.maximum = maximum
        self.restrictedByAppArmor = restrictedByAppArmor
    }

    /// The settings of this host. What cannot be read counts as not there.
    public static func read() -> NamespaceLimits {
        NamespaceLimits(
            unprivilegedClone: value("kernel/unprivileged_userns_clone"), maximum: value("user/max_user_namespaces"),
            restrictedByAppArmor: value("kernel/apparmor_restrict_unprivileged_userns"))
    }

    private static func value(_ name: String) -> Int? {
        guard let bytes = try? Files.readWhole(FilePath("/proc/sys/\(name)"), limit: 64) else { return nil }
        return Int(String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self))
    }

    /// The setting that keeps an ordinary user from having a namespace, and what allows it; nil where none does.
    public var obstacle: (reason: String, cure: String)? {
        if unprivilegedClone == 0 {
            return (
                "kernel.unprivileged_userns_clone is 0", "as root: sysctl --write kernel.unprivileged_userns_clone=1"
            )
        }
        if maximum == 0 {
            return ("user.max_user_namespaces is 0", "as root: sysctl --write user.max_user_namespaces=15000")
        }
        if restrictedByAppArmor == 1 {
            return (
                "kernel.apparmor_restrict_unprivileged_userns is 1, and no profile of AppArmor's allows it to this program",
                "install bcvk with its profile (contrib/install, or the package), or as root: "
                    + "sysctl --write kernel.apparmor_restrict_unprivileged_userns=0"
            )
        }
        return nil
    }
}
