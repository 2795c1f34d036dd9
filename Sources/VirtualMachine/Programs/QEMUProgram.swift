internal import Glibc
internal import LinuxSystem
public import Machine
public import SystemPackage

/// Where programs that are brought beside the system are looked for.
enum HostTools {
    /// The directories, the system's first.
    static var directories: [String] {
        var found = ["/opt/bcvk/host-tools/bin"]
        if let home = getenv("HOME") { found.append(String(cString: home) + "/.local/share/bcvk/host-tools/bin") }
        return found
    }
}

/// Finding QEMU.
public enum QEMUProgram {
    /// `QEMU_BIN`, then host-tools, the name in PATH, and where Red Hat's distributions keep it.
    public static func find(_ architecture: Architecture = .host) throws(MachineError) -> FilePath {
        let name = architecture.qemuProgram
        let hint = "install qemu-system-x86 (Debian, Ubuntu) or qemu-kvm (Fedora), or set QEMU_BIN"
        if let chosen = getenv("QEMU_BIN") {
            let path = String(cString: chosen)
            guard let found = ProgramSearch.find(path) else {
                throw .programMissing("QEMU", lookedAt: ["QEMU_BIN=\(path)"], hint: hint)
            }
            return found
        }
        let places = HostTools.directories.map { "\($0)/\(name)" } + [name, "/usr/libexec/qemu-kvm"]
        guard let found = places.lazy.compactMap(ProgramSearch.find).first else {
            throw .programMissing("QEMU", lookedAt: places, hint: hint)
        }
        return found
    }
}
