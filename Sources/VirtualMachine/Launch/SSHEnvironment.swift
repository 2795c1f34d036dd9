internal import GuestProtocol
internal import LinuxSystem

/// Variables of ssh sessions, set by the guest's sshd itself.
///
/// pam_env, which reads /etc/environment, changes values: it ends them at a `#` and takes quotes off. `SetEnv` of
/// sshd_config(5) hands on what it is given. But only the first one counts, so it is left to an image that has its own.
package enum SSHEnvironment {
    private static let main = "/etc/ssh/sshd_config"
    private static let directory = "/etc/ssh/sshd_config.d"

    /// The file that tells the guest's sshd; nil where it would not be read, or would hide the image's.
    static func file(_ variables: [EnvironmentVariable], in tree: RootDirectory) throws -> GuestFile? {
        guard !variables.isEmpty, let configuration = try text(main, in: tree) else { return nil }
        let pieces = try tree.entries(directory).filter { $0.name.hasSuffix(".conf") }
            .compactMap { try text("\(directory)/\($0.name)", in: tree) }
        guard includesDirectory(configuration), !([configuration] + pieces).contains(where: setsVariables) else {
            return nil
        }
        return GuestFile(
            path: "\(directory)/00-bcvk-environment.conf", content: .bytes(Array(line(variables).utf8)), isPublic: true)
    }

    /// One line for all, since a second would not count. In quotes a backslash escapes, and `#` begins no remark.
    package static func line(_ variables: [EnvironmentVariable]) -> String {
        let words = variables.map { variable in
            "\"" + variable.assignment.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
        }
        return (["SetEnv"] + words).joined(separator: " ") + "\n"
    }

    package static func includesDirectory(_ configuration: String) -> Bool {
        keywords(configuration).contains { $0.keyword == "include" && $0.rest.contains("\(directory)/*.conf") }
    }

    package static func setsVariables(_ configuration: String) -> Bool {
        keywords(configuration).contains { $0.keyword == "setenv" }
    }

    /// Lines that are no remarks; keywords are the same in capitals.
    private static func keywords(_ configuration: String) -> [(keyword: String, rest: Substring)] {
        configuration.split(whereSeparator: \.isNewline).compactMap { line in
            let content = line.drop { $0 == " " || $0 == "\t" }
            guard !content.isEmpty, content.first != "#" else { return nil }
            let end = content.firstIndex { $0 == " " || $0 == "\t" || $0 == "=" } ?? content.endIndex
            return (content[..<end].lowercased(), content[end...])
        }
    }

    private static func text(_ path: String, in tree: RootDirectory) throws -> String? {
        try tree.readFileIfPresent(path, limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
    }
}
