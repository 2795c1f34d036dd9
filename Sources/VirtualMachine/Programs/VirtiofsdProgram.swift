internal import Glibc
public import LinuxSystem
public import SystemPackage

/// The server of a shared directory: which of the two implementations it is, and how it is told what to do.
public struct VirtiofsdProgram: Sendable, Hashable {
    /// The implementations in use.
    public enum Flavour: String, Sendable, Hashable {
        /// gitlab.com/virtio-fs/virtiofsd, since 2021.
        case rust
        /// The one that was part of QEMU up to 7.2.
        case c
    }

    /// Its file.
    public let executable: FilePath
    /// Which it is.
    public let flavour: Flavour
    /// Whether it can refuse writes by itself.
    public let knowsReadOnly: Bool

    init(executable: FilePath, flavour: Flavour, knowsReadOnly: Bool) {
        self.executable = executable
        self.flavour = flavour
        self.knowsReadOnly = knowsReadOnly
    }

    init(executable: FilePath, help: String) {
        self.executable = executable
        flavour = help.contains("--shared-dir") ? .rust : .c
        knowsReadOnly = help.contains("--readonly")
    }

    private static let places = [
        "virtiofsd", "/usr/libexec/virtiofsd", "/usr/lib/virtiofsd", "/usr/lib/virtiofsd/virtiofsd",
        "/usr/local/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd",
    ]

    /// Finds it (`VIRTIOFSD_BIN`, host-tools, the distributions' places) and asks it what it can do.
    public static func find() throws -> VirtiofsdProgram {
        let hint = "install virtiofsd (Debian 12 has it in qemu-system-common), or set VIRTIOFSD_BIN"
        let path: FilePath
        if let chosen = getenv("VIRTIOFSD_BIN") {
            let name = String(cString: chosen)
            guard let found = ProgramSearch.find(name) else {
                throw MachineError.programMissing("virtiofsd", lookedAt: ["VIRTIOFSD_BIN=\(name)"], hint: hint)
            }
            path = found
        } else {
            let all = HostTools.directories.map { "\($0)/virtiofsd" } + places
            guard let found = all.lazy.compactMap(ProgramSearch.find).first else {
                throw MachineError.programMissing("virtiofsd", lookedAt: all, hint: hint)
            }
            path = found
        }
        let answer = try ChildProgram(path, ["--help"]).run()
        let help = String(decoding: answer.output + answer.errorOutput, as: UTF8.self)
        guard help.contains("--fd") else {
            throw MachineError.programUnusable(
                path.string, reason: "it has no option --fd: \(answer.errorText)", hint: hint)
        }
        return VirtiofsdProgram(executable: path, help: help)
    }

    /// A server of a tree that nobody writes, on a listening socket that it inherits as descriptor `socket`.
    ///
    /// The whole tree may be cached for ever because it never changes. That nothing is written is seen to twice: by the
    /// server where it can, and by a mount of the tree that is read-only for it.
    /// - Parameter map: the user namespace of an ordinary user; nil for root.
    public func serving(
        _ tree: FilePath, socket: Int32, map: UserNamespaceMap?
    ) throws(MachineError) -> ChildProgram {
        var arguments: [String]
        switch flavour {
        case .rust:
            arguments = [
                "--fd=\(socket)", "--shared-dir=\(tree.string)", "--cache=always", "--sandbox=namespace", "--xattr",
                // No handles: they need a capability, and the tree's names never change.
                "--inode-file-handles=never", "--log-level=warn",
            ]
            if knowsReadOnly { arguments.append("--readonly") }
        case .c:
            guard map == nil else {
                throw .programUnusable(
                    executable.string, reason: "this old virtiofsd fails at random without root",
                    hint: "install a current virtiofsd (contrib/host-tools brings one), or run as root")
            }
            arguments = [
                "--fd=\(socket)", "-o", "source=\(tree.string)", "-o", "cache=always", "-o", "xattr", "-o",
                "sandbox=namespace", "-o", "log_level=warn",
            ]
        }
        var program = ChildProgram(executable, arguments)
        program.userNamespace = map
        program.readOnlyDirectory = tree
        program.parentDeathSignal = SIGKILL
        program.newProcessGroup = true
        return program
    }
}
