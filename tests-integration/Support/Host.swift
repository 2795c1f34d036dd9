import Glibc
import LinuxSystem
import SystemPackage
import Testing

/// One user of bcvk with a state directory of its own, so that tests do not see each other's machines.
struct Host: Sendable {
    /// Who runs bcvk.
    enum User: Sendable {
        case root
        /// The account that contrib/test makes; it has sub-ids and no privileges.
        case ordinary
        /// An account that every system has, and no sub-ids.
        case withoutSubordinateIDs

        var name: String {
            switch self {
            case .root: "root"
            case .ordinary: "bcvk-test"
            case .withoutSubordinateIDs: "nobody"
            }
        }
    }

    /// Tests as an ordinary user need root to become one, and a virtiofsd that works without root.
    static var ordinaryUserCanRun: Bool {
        let chosen = getenv("VIRTIOFSD_BIN").map { String(cString: $0) } ?? ""
        return geteuid() == 0 && !chosen.hasSuffix("/qemu/virtiofsd")
    }

    let laboratory: Laboratory
    let user: User
    let state: FilePath
    let cache: FilePath
    /// More variables of the environment, `NAME=value`.
    var variables: [String] = []

    /// - Parameter sharesCache: whether the trees that other tests have unpacked are used.
    init(_ user: User = .root, sharesCache: Bool = true) throws {
        laboratory = try Laboratory.shared.get()
        self.user = user
        state = try laboratory.directory("state")
        if sharesCache {
            cache = laboratory.scratch.appending(user == .root ? "cache-root" : "cache-user")
            try Files.createDirectories(cache)
        } else {
            cache = try laboratory.directory("cache")
        }
        if user != .root {
            for path in [state, cache] {
                let result = try ChildProgram("/bin/chown", [user.name, path.string]).run()
                try #require(result.exit == .exited(0), "\(result.errorText)")
            }
        }
    }

    /// Runs bcvk to its end.
    func bcvk(_ arguments: [String], input: [UInt8] = []) throws -> ProgramResult {
        var program = program(arguments)
        program.input = input
        return try program.run()
    }

    /// Runs bcvk to its end.
    func bcvk(_ arguments: String...) throws -> ProgramResult {
        try bcvk(arguments)
    }

    /// bcvk with these arguments, as this user.
    func program(_ arguments: [String]) -> ChildProgram {
        let path = laboratory.programs.appending("bcvk")
        let names: [String] = ["PATH", "QEMU_BIN", "VIRTIOFSD_BIN", "TERM", "LANG"]
        let inherited: [String] = names.compactMap { name in
            getenv(name).map { name + "=" + String(cString: $0) }
        }
        var program: ChildProgram
        switch user {
        case .root:
            program = ChildProgram(path, arguments)
            program.environment = variables + inherited + ["HOME=/root"]
        case .ordinary, .withoutSubordinateIDs:
            let group = getpwnam(user.name).map { $0.pointee.pw_gid } ?? 0
            program = ChildProgram(
                "/usr/bin/setpriv",
                ["--reuid=\(user.name)", "--regid=\(group)", "--clear-groups", path.string] + arguments)
            program.environment = variables + inherited + ["HOME=/nonexistent"]
        }
        // The first of two with the same name is the one that counts.
        program.environment? += ["BCVK_STATE=\(state)", "BCVK_CACHE=\(cache)"]
        return program
    }

    /// Another program as this user.
    func other(_ path: String, _ arguments: [String]) -> ChildProgram {
        guard user != .root else { return ChildProgram(FilePath(path), arguments) }
        let group = getpwnam(user.name).map { $0.pointee.pw_gid } ?? 0
        return ChildProgram(
            "/usr/bin/setpriv", ["--reuid=\(user.name)", "--regid=\(group)", "--clear-groups", path] + arguments)
    }

    /// What is left of machines: directories and sockets below the state directory, and processes that name it.
    func leftovers() throws -> [String] {
        let kept = try RootDirectory(state).entries("/").filter { $0.name != ".lock" }.map(\.name)
        let processes = try RootDirectory("/proc").entries("/").compactMap { entry -> String? in
            guard let process = Int32(entry.name), process != getpid(),
                let words = try? Files.readWhole(FilePath("/proc/\(entry.name)/cmdline")),
                String(decoding: words, as: UTF8.self).contains(state.string)
            else { return nil }
            return "process \(process): " + String(decoding: words.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self)
        }
        let mounts = String(decoding: try Files.readWhole("/proc/self/mounts"), as: UTF8.self)
            .split(separator: "\n").filter { $0.contains(laboratory.scratch.string) }.map(String.init)
        return kept + processes + mounts
    }
}

extension ProgramResult {
    /// Everything that it said, for a failed expectation.
    var story: String { "\(exit)\nstdout: \(text)\nstderr: \(String(decoding: errorOutput, as: UTF8.self))" }
    /// Standard error as text.
    var complaint: String { String(decoding: errorOutput, as: UTF8.self) }
}
