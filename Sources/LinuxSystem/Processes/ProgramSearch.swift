internal import Glibc
public import SystemPackage

/// Finding programs.
public enum ProgramSearch {
    /// Looks a program up in PATH, then in the administrator's directories. A name with a slash is taken as a path.
    public static func find(_ name: String) -> FilePath? {
        if name.contains("/") {
            return Files.isExecutable(FilePath(name)) ? FilePath(name) : nil
        }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        let directories = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]
        return directories.lazy.map { FilePath($0).appending(name) }.first(where: Files.isExecutable)
    }

    /// The executable file of this very process.
    public static func ownExecutable() throws(SystemError) -> FilePath {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { throw SystemError("read link", "/proc/self/exe") }
        return FilePath(String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
}
