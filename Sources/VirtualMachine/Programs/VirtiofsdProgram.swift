internal import Glibc
internal import LinuxSystem
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
    /// Whether it can write down what it knows of a guest's files, for another that goes on.
    public let knowsMigration: Bool
    /// Whether it can stand between the ids of the guest and those of the host.
    public let knowsTranslation: Bool

    init(executable: FilePath, flavour: Flavour, knowsReadOnly: Bool) {
        self.executable = executable
        self.flavour = flavour
        self.knowsReadOnly = knowsReadOnly
        knowsMigration = false
        knowsTranslation = false
    }

    package init(executable: FilePath, help: String) {
        self.executable = executable
        flavour = help.contains("--shared-dir") ? .rust : .c
        knowsReadOnly = help.contains("--readonly")
        knowsMigration = help.contains("--migration-mode")
        knowsTranslation = help.contains("--translate-uid")
    }

    private static let places = [
        "virtiofsd", "/usr/libexec/virtiofsd", "/usr/lib/virtiofsd", "/usr/lib/virtiofsd/virtiofsd",
        "/usr/local/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd",
    ]

    /// Finds it (`VIRTIOFSD_BIN`, host-tools, the distributions' places) and asks it what it can do.
    /// - Parameters:
    ///   - wanted: a program that the user names instead.
    ///   - answers: what programs have said before.
    package static func find(_ wanted: String? = nil, answers: ProgramAnswers? = nil) throws -> VirtiofsdProgram {
        let hint = "install virtiofsd (Debian 12 has it in qemu-system-common), or set VIRTIOFSD_BIN"
        let path: FilePath
        if let name = wanted ?? getenv("VIRTIOFSD_BIN").map({ String(cString: $0) }) {
            guard let found = ProgramSearch.find(name) else {
                let place = wanted == nil ? "VIRTIOFSD_BIN=\(name)" : "--virtiofsd \(name)"
                throw MachineError.programMissing("virtiofsd", lookedAt: [place], hint: hint)
            }
            path = found
        } else {
            let all = HostTools.directories.map { "\($0)/virtiofsd" } + places
            guard let found = all.lazy.compactMap(ProgramSearch.find).first else {
                throw MachineError.programMissing("virtiofsd", lookedAt: all, hint: hint)
            }
            path = found
        }
        let help = try ProgramAnswers.answer(of: path, to: "--help", kept: answers)
        guard help.contains("--fd") else {
            let said = help.split(separator: "\n").last.map { ": \($0)" } ?? ""
            throw MachineError.programUnusable(path.string, reason: "it has no option --fd\(said)", hint: hint)
        }
        return VirtiofsdProgram(executable: path, help: help)
    }

    /// Its version, as it says it.
    package func version() throws -> String {
        let answer = try ChildProgram(executable, ["--version"]).run()
        let text = String(decoding: answer.output + answer.errorOutput, as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.contains("virtiofsd") } ?? ""
        return line.split(separator: " ").first { $0.first?.isNumber ?? false }.map(String.init) ?? "unknown"
    }

    /// Whether it works for this user.
    package func checkUsable(isRoot: Bool) throws(MachineError) {
        guard flavour == .rust || isRoot else {
            throw .programUnusable(
                executable.string, reason: "this old virtiofsd fails at random without root",
                hint: "install a current virtiofsd (contrib/host-tools brings one), or run as root")
        }
    }
}
