internal import Glibc
internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// What is left to QEMU, into which a hostile guest may break first: it emulates the devices that the guest talks to.
///
/// It has no capability, also as root. It may read the system's programs and libraries, of which it is made, and what tells about
/// the host's processors; it may use KVM and the devices without content. Everything else that it works with it inherits open. Of
/// the network it may use what its user network needs.
enum QEMUFence {
    /// Where distributions keep programs, libraries, firmware and QEMU's modules.
    private static let system = [
        "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store",
        // Its own descriptors and threads, the processors, the size of large pages.
        "/proc", "/sys/devices/system", "/sys/kernel/mm",
    ]

    /// What libraries read of the configuration. Root's other files there are secrets, and root owns them: without this list
    /// permissions would not keep QEMU from them.
    private static let configuration = [
        "/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/alternatives", "/etc/nsswitch.conf", "/etc/passwd",
        "/etc/group",
        "/etc/hosts", "/etc/localtime", "/etc/gnutls", "/etc/crypto-policies", "/etc/ssl/openssl.cnf",
        "/etc/resolv.conf",
    ]

    private static let devices = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/kvm"]

    /// The fence around a QEMU.
    /// - Parameter base: a directory of the machine's own.
    static func around(_ program: FilePath, _ machine: MachineSpec, base: FilePath) -> ProgramFence {
        // An ordinary user's QEMU reads there what every program may; so it also sees a resolv.conf that is replaced.
        var readable = system + (geteuid() == 0 ? configuration : ["/etc"])
        // Its resolver follows changes of the host's, which is often a link to a file that is replaced then.
        if let resolver = resolved("/etc/resolv.conf")?.removingLastComponent(), resolver != "/etc" {
            readable.append(resolver.string)
        }
        if let own = home(of: program) { readable.append(own.string) }
        var fence = ProgramFence(
            base: base, readable: readable.map { FilePath($0) }, devices: devices.map { FilePath($0) })
        // Those who are isolated reach nobody even when they have QEMU in hand; forwards still lead in.
        fence.refusesConnections = machine.network?.isIsolated ?? true
        fence.refusesListening = machine.network == nil
        return fence
    }

    /// The directory that a QEMU outside the system's directories was installed below; nil for the system's own.
    private static func home(of program: FilePath) -> FilePath? {
        guard let file = resolved(program.string),
            !system.contains(where: { file.starts(with: FilePath($0)) })
        else { return nil }
        let directory = file.removingLastComponent()
        let top = directory.removingLastComponent()
        // Never a user's whole home, and never everything.
        let isWide =
            top.components.count < 2 || getenv("HOME").map { FilePath(String(cString: $0)).starts(with: top) } ?? false
        return isWide ? (directory.components.count < 2 ? file : directory) : top
    }

    private static func resolved(_ path: String) -> FilePath? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return FilePath(String(cString: found))
    }
}
