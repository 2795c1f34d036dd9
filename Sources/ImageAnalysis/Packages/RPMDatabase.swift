internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// rpm's data base, read by the rpm program: it has had three forms.
struct RPMDatabase {
    enum Answer {
        /// The image has none.
        case none
        case unreadable(String)
        case read([String: String])
    }

    private static let places = ["/usr/lib/sysimage/rpm", "/usr/share/rpm", "/var/lib/rpm"]
    private static let files = ["rpmdb.sqlite", "Packages.db", "Packages"]
    private let tree: RootDirectory

    init(_ tree: RootDirectory) {
        self.tree = tree
    }

    func versions() throws -> Answer {
        for place in Self.places {
            for file in Self.files where try tree.status("\(place)/\(file)")?.kind == .regular {
                return try read("\(place)/\(file)", as: file)
            }
        }
        return .none
    }

    /// From a copy: even to read, rpm writes beside its data base, and the tree is nobody's to write.
    private func read(_ path: String, as name: String) throws -> Answer {
        guard let program = ProgramSearch.find("rpm") else {
            return .unreadable("package versions need the program rpm, which is not installed here")
        }
        var pattern = Array("/tmp/bcvk-rpm-XXXXXX".utf8CString)
        guard let made = mkdtemp(&pattern) else { throw SystemError("create directory", "/tmp/bcvk-rpm") }
        let directory = FilePath(String(cString: made))
        let result: Result<Answer, any Error> = Result {
            try Files.writeAtomically(try tree.readFile(path, limit: 1 << 30), to: directory.appending(name))
            let answer = try ChildProgram(
                program,
                ["--dbpath", directory.string, "-q", "--qf", "%{NAME} %{EVR}\\n"] + PackageVersions.names
            ).run()
            return .read(Self.parse(answer.text))
        }
        try Files.removeTree(directory)
        return try result.get()
    }

    /// Lines of name and version; others say that something is not installed.
    static func parse(_ text: String) -> [String: String] {
        var found: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 { found[String(words[0])] = String(words[1]) }
        }
        return found
    }
}
