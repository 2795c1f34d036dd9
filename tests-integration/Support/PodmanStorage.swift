import Glibc
import LinuxSystem
import SystemPackage

/// A container storage of a test's own, with a real podman that writes it.
final class PodmanStorage {
    /// What bcvk and podman need in their environment to find the storage.
    let variables: [String]
    private let host: Host
    private let directory: FilePath
    /// podman mounts what it works on, and starts containers only where there are no cgroups of version 1.
    private let namespace: MountNamespace?

    init(_ host: Host) throws {
        self.host = host
        directory = try host.laboratory.directory("podman", mode: 0o755)
        let home = directory.appending("home"), run = directory.appending("run")
        for path in [home, run] { try Files.createDirectories(path) }
        try Files.writeAtomically(
            """
            [storage]
            driver = "overlay"
            graphroot = "\(directory)/graph"
            runroot = "\(run)/storage"

            """, to: directory.appending("storage.conf"))
        if host.user == .root {
            variables = ["CONTAINERS_STORAGE_CONF=\(directory)/storage.conf", "HOME=\(home)", "XDG_RUNTIME_DIR=\(run)"]
            namespace = try MountNamespace(
                "umount --lazy /sys/fs/cgroup 2>/dev/null || true; mount -t cgroup2 cgroup2 /sys/fs/cgroup")
        } else {
            // Without root its place is below the home directory, whatever the file says.
            variables = ["HOME=\(home)", "XDG_RUNTIME_DIR=\(run)"]
            namespace = nil
            let result = try ChildProgram("/bin/chown", ["-R", host.user.name, directory.string]).run()
            guard result.exit == .exited(0) else { throw Missing("a home: \(result.errorText)") }
        }
    }

    deinit {
        // Containers end with it, and so do their mounts.
        _ = try? run(["rm", "--all", "--force", "--time", "0"])
        _ = try? run(["rmi", "--all", "--force"])
    }

    /// Runs podman, which must work.
    @discardableResult
    func podman(_ arguments: String...) throws -> String {
        String(decoding: try output(arguments), as: UTF8.self)
    }

    /// The same, for what is no text.
    func podmanBytes(_ arguments: String...) throws -> [UInt8] { try output(arguments) }

    private func output(_ arguments: [String]) throws -> [UInt8] {
        let result = try run(arguments)
        guard result.exit == .exited(0) else {
            throw Missing("podman \(arguments.joined(separator: " ")): \(result.complaint)")
        }
        return result.output
    }

    /// Starts a container of an image that has a shell, which writes a file and then waits.
    func start(_ name: String, _ image: String, _ script: String) throws {
        // What the sandbox of a test machine does not let podman set is left as it is.
        try podman(
            "--runtime", "crun", "--cgroup-manager", "cgroupfs", "run", "--detach", "--name", name, "--cgroups",
            "disabled", "--network", "host", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000",
            "--security-opt", "seccomp=unconfined", image, "/bin/sh", "-c", script)
    }

    /// bcvk with these arguments, where it sees the storage.
    func bcvk(_ arguments: [String]) throws -> ProgramResult {
        var host = host
        host.variables = variables
        let program = host.program(arguments)
        return try (namespace?.inside(program) ?? program).run()
    }

    private func run(_ arguments: [String]) throws -> ProgramResult {
        guard let path = ProgramSearch.find("podman") else { throw Missing("podman: contrib/setup --tests") }
        var host = host
        host.variables = variables
        var program = host.program([])
        // The same user in the same environment, another program.
        let position = program.arguments.lastIndex { $0.hasSuffix("/bcvk") }
        if let position {
            program.arguments[position] = path.string
            program.arguments += arguments
        } else {
            program.executable = path
            program.arguments = arguments
        }
        return try (namespace?.inside(program) ?? program).run()
    }
}
