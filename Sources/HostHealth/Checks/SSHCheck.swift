internal import LinuxSystem
internal import SystemPackage
internal import VirtualMachine

/// Whether the host's ssh is there: machines get their keys from it, and people reach them by it.
enum SSHCheck {
    private static let id = "ssh"

    static func look() -> Finding {
        do {
            _ = try SSHProgram.keygen.find()
            let program = try SSHProgram.ssh.find()
            // It says its version on standard error.
            let version = try ChildProgram(program, ["-V"]).run().errorText
            return Finding(
                id, .ok, "\(program): \(version)",
                facts: ["program": .text(program.string), "program_version": .text(version)])
        } catch {
            return Finding(id, .problem, failure: error)
        }
    }
}
