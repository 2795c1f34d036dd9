internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A program of this host that makes or fills file systems.
struct HostTool {
    /// What it is called.
    let name: String
    private let file: FilePath

    /// Finds a program; one that is missing is named with its package (Debian's name, Fedora's where it differs).
    init(_ name: String, package: String) throws(DiskImageError) {
        guard let file = ProgramSearch.find(name) else { throw .toolMissing(name, package: package) }
        self.name = name
        self.file = file
    }

    /// Runs it to its end, in English and at a fixed time.
    /// - Parameters:
    ///   - clock: the time that it takes for now, in seconds since 1970.
    ///   - map: the user namespace in which files have their owners; nil where that is not needed, or for root.
    ///   - work: what is done here while the program runs; when that fails, the program is killed.
    /// - Returns: standard output and standard error.
    @discardableResult
    func run(
        _ arguments: [String], clock: Int64, map: UserNamespaceMap? = nil, beside work: () throws -> Void = {}
    ) throws -> ProgramResult {
        var program = ChildProgram(file, arguments)
        program.environment = [
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC", "SOURCE_DATE_EPOCH=\(clock)",
            // The name of the same thing in e2fsprogs before 1.47.1.
            "E2FSPROGS_FAKE_TIME=\(clock)",
            // Defaults of the host's would make disks differ from host to host.
            "MKE2FS_CONFIG=/dev/null", "MTOOLS_SKIP_CHECK=1", "MTOOLSRC=/dev/null",
        ]
        program.userNamespace = map
        program.noNewPrivileges = true
        program.parentDeathSignal = SIGKILL
        let result = try program.run(beside: work)
        guard result.exit == .exited(0) else {
            throw DiskImageError.toolFailed(name, reason: Self.reason(result))
        }
        return result
    }

    /// The last line that says something; what a full disk does is told as such.
    private static func reason(_ result: ProgramResult) -> String {
        let text = String(decoding: result.errorOutput + result.output, as: UTF8.self)
        if let line = text.split(separator: "\n").first(where: { $0.contains("No space left") }) { return String(line) }
        if result.exit == .signalled(SIGBUS) { return "no space left on the device" }
        return result.errorOutput.isEmpty && !result.output.isEmpty
            ? text.split(separator: "\n").last.map(String.init) ?? "\(result.exit)" : result.errorText
    }
}
