internal import ContainerImage
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A file of this host as it is now, without reading more than little of it.
struct ProgramFingerprint: Hashable {
    /// Path, size, time, and of a script its text too: it may only call another program.
    let text: String

    private static let scriptLimit = 64 << 10

    init(_ path: FilePath) throws {
        var status = stat()
        guard stat(path.string, &status) == 0 else { throw SystemError("stat", path.string) }
        var words = "\(path.string) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
        if status.st_size <= Self.scriptLimit {
            words += " \(Digest.sha256(try Files.readWhole(path, limit: Self.scriptLimit)).hex)"
        }
        text = words
    }
}

extension MachineTemplate {
    /// Whether every program that the state depends on is still the one that it was.
    func programsAreTheSame() throws -> Bool {
        try programs.allSatisfy { line in
            let path = FilePath(String(line.prefix { $0 != " " }))
            return try Files.exists(path) && ProgramFingerprint(path).text == line
        }
    }
}
