public import LinuxSystem

/// What a boot has to know of the system in a tree.
public struct SystemFacts: Sendable, Hashable {
    /// The program that becomes process 1.
    public let initProgram: String
    /// Whether that is systemd.
    public let isSystemd: Bool
    /// Whether there is an ssh server.
    public let hasSSHServer: Bool
    /// The unit that starts it; nil where there is none.
    public let sshUnit: String?
    /// Whether the image starts it by itself.
    public let sshIsEnabled: Bool
    /// Whether systemd-resolved is started.
    public let resolvedIsEnabled: Bool
    /// Whether udev gives interfaces predictable names.
    public let hasPredictableNames: Bool
    /// Whether /etc/fstab names a root file system.
    public let fstabNamesRoot: Bool
    /// Whether cloud-init runs at boot.
    public let cloudInitIsEnabled: Bool
    /// Whether the image's label says that it is a bootc one is not known here; /usr/lib/bootc is.
    public let hasBootc: Bool

    /// Whether it is no system at all but an application with what it needs, made for a container.
    public let isApplication: Bool

    /// Where is looked for an init.
    public static let initPlaces = ["/sbin/init", "/usr/lib/systemd/systemd", "/lib/systemd/systemd"]

    /// What a system cannot do without: its own files, and places for the kernel's file systems.
    public static let neededDirectories = ["/usr", "/etc", "/dev", "/proc", "/sys", "/run"]

    /// Looks at a tree. What lacks a system may be an application, where that is allowed.
    public static func of(_ tree: RootDirectory, orApplication: Bool) throws -> SystemFacts {
        do {
            return try SystemFacts(tree)
        } catch let failure as BootPlanError where orApplication {
            switch failure {
            case .noInit, .missingDirectories: return SystemFacts()
            default: throw failure
            }
        }
    }

    /// An application.
    private init() {
        initProgram = ""
        isSystemd = false
        hasSSHServer = false
        sshUnit = nil
        sshIsEnabled = false
        resolvedIsEnabled = false
        hasPredictableNames = false
        fstabNamesRoot = false
        cloudInitIsEnabled = false
        hasBootc = false
        isApplication = true
    }

    /// Looks at a tree.
    public init(_ tree: RootDirectory) throws {
        let missing = try Self.neededDirectories.filter { try tree.status($0)?.kind != .directory }
        guard missing.isEmpty else { throw BootPlanError.missingDirectories(missing) }
        let units = UnitDirectory(tree)
        guard let program = try Self.initPlaces.first(where: { try tree.status($0)?.kind == .regular }) else {
            throw BootPlanError.noInit(lookedAt: Self.initPlaces)
        }
        initProgram = program
        isSystemd =
            try tree.status("/usr/lib/systemd/systemd") != nil || tree.status("/lib/systemd/systemd") != nil
        hasSSHServer = try ["/usr/sbin/sshd", "/usr/bin/sshd"].contains { try tree.status($0) != nil }
        let names = ["ssh.service", "sshd.service"]
        sshUnit = try names.first(where: units.exists)
        sshIsEnabled = try (names + ["ssh.socket", "sshd.socket"]).contains(where: units.isWanted)
        resolvedIsEnabled = try units.isWanted("systemd-resolved.service")
        let policy = "99-default.link"
        let isMasked = try tree.linkTarget("/etc/systemd/network/\(policy)") == "/dev/null"
        hasPredictableNames =
            try !isMasked
            && ["/usr/lib/systemd/network/\(policy)", "/lib/systemd/network/\(policy)"].contains {
                try tree.status($0) != nil
            }
        let fstab = String(decoding: try tree.readFileIfPresent("/etc/fstab") ?? [], as: UTF8.self)
        fstabNamesRoot = Self.namesRoot(fstab)
        let generators = ["/usr/lib/systemd/system-generators", "/lib/systemd/system-generators"]
        let hasGenerator = try generators.contains { try tree.status("\($0)/cloud-init-generator") != nil }
        cloudInitIsEnabled =
            try (hasGenerator || units.isWanted("cloud-init.service") || units.isWanted("cloud-init-main.service"))
            && tree.status("/etc/cloud/cloud-init.disabled") == nil
        hasBootc = try tree.status("/usr/bin/bootc") != nil
        isApplication = false
    }

    /// Whether a line of fstab(5) mounts "/".
    package static func namesRoot(_ fstab: String) -> Bool {
        fstab.split(separator: "\n").contains { line in
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            return fields.count >= 2 && !fields[0].hasPrefix("#") && fields[1] == "/"
        }
    }
}
