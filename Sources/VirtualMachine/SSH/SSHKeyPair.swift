internal import Glibc
internal import LinuxSystem
public import SystemPackage

/// The key pair of one machine.
public enum SSHKeyPair {
    /// Makes an ed25519 pair at `path` and `path`.pub, without a passphrase, and returns the public line.
    public static func make(at path: FilePath, comment: String) throws -> String {
        let program = try SSHProgram.keygen.find()
        let result = try ChildProgram(
            program, ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path.string]
        ).run()
        guard result.exit == .exited(0) else {
            throw MachineError.programUnusable(program.string, reason: result.errorText, hint: nil)
        }
        let line = try Files.readWhole(FilePath(path.string + ".pub"), limit: 16 << 10)
        return String(decoding: line, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
    }
}
