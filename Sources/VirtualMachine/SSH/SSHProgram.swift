internal import LinuxSystem
package import SystemPackage

/// The programs of OpenSSH that bcvk calls.
package enum SSHProgram: String, CaseIterable, Sendable {
    case ssh
    case keygen = "ssh-keygen"

    /// Finds it.
    package func find() throws(MachineError) -> FilePath {
        guard let program = ProgramSearch.find(rawValue) else {
            throw .programMissing(
                rawValue, lookedAt: ["PATH"],
                hint: "install openssh-client (Debian, Ubuntu) or openssh-clients (Fedora)")
        }
        return program
    }
}
