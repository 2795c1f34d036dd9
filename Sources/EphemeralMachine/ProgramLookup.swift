internal import Glibc
internal import LinuxSystem
internal import SystemPackage
internal import VirtualMachine

/// The bcvk program, which does in processes of its own what this library must not do in its caller's.
enum ProgramLookup {
    private static let variable = "BCVK_PROGRAM"

    /// The one that was named, else `$BCVK_PROGRAM`, else one beside this process's executable, else one in `PATH`.
    ///
    /// Its version must be ours: what goes between the two is nobody else's business, and changes.
    static func find(_ named: String?) throws -> FilePath {
        let path = try locate(named)
        guard let resolved = realpath(path.string, nil) else { throw SystemError("find", path.string) }
        defer { free(resolved) }
        let program = FilePath(String(cString: resolved))
        let result = try ChildProgram(program, ["--version"]).run()
        let version = result.text.split(separator: "\n").first ?? ""
        guard result.exit == .exited(0), version == ProgramVersion.current else {
            throw MachineError.programUnusable(
                program.string,
                reason: "it says '\(version)' for its version, and this library is of \(ProgramVersion.current)",
                hint: "build both from one source: contrib/build")
        }
        return program
    }

    private static func locate(_ named: String?) throws -> FilePath {
        if let named { return try executable(named, "the option program") }
        if let value = getenv(variable), value.pointee != 0 {
            return try executable(String(cString: value), variable)
        }
        let beside = try ProgramSearch.ownExecutable().removingLastComponent().appending("bcvk")
        if Files.isExecutable(beside) { return beside }
        if let found = ProgramSearch.find("bcvk") { return found }
        throw missing([beside.string, "PATH"])
    }

    private static func executable(_ path: String, _ origin: String) throws -> FilePath {
        guard Files.isExecutable(FilePath(path)) else { throw missing(["\(path), named by \(origin)"]) }
        return FilePath(path)
    }

    private static func missing(_ places: [String]) -> MachineError {
        .programMissing("bcvk", lookedAt: places, hint: "build it with contrib/build and set \(variable) to its file")
    }
}
