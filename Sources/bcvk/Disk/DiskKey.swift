import DiskImage
import LinuxSystem
import SystemPackage
import VirtualMachine

/// The ssh key that logs in to a disk's system.
struct DiskKey {
    private let options: DiskOptions
    /// The private key that is made beside the disk; nil where the user gave one, or wants none.
    let generated: FilePath?

    init(_ options: DiskOptions, output: FilePath) throws {
        self.options = options
        generated = options.sshKey == nil && !options.noSSHKey ? Self.file(of: output) : nil
    }

    /// Where the private key of a disk is.
    static func file(of disk: FilePath) -> FilePath { FilePath(disk.string + ".key") }

    /// The public keys.
    /// - Parameter makesNew: whether a missing pair is made; without it, one that is missing gives a line that no disk has.
    func publicLines(makesNew: Bool) throws -> [String] {
        if let generated {
            let publicFile = FilePath(generated.string + ".pub")
            if Files.exists(generated), Files.exists(publicFile) { return [try Self.read(publicFile)] }
            return makesNew ? [try SSHKeyPair.make(at: generated, comment: "bcvk")] : ["none"]
        }
        guard let file = options.sshKey else { return [] }
        // Of a pair, the half that may be given away.
        let publicFile = FilePath(file.hasSuffix(".pub") ? file : file + ".pub")
        return [try Self.read(Files.exists(publicFile) ? publicFile : FilePath(file))]
    }

    private static func read(_ path: FilePath) throws -> String {
        let text = String(decoding: try Files.readWhole(path, limit: 64 << 10), as: UTF8.self)
        let line = text.split(separator: "\n").first.map(String.init) ?? ""
        guard !text.contains("PRIVATE KEY") else {
            throw DiskImageError.invalidKey(path.string, reason: "it is a private one")
        }
        let words = line.split(separator: " ")
        guard words.count >= 2, ["ssh-", "ecdsa-", "sk-"].contains(where: words[0].hasPrefix) else {
            throw DiskImageError.invalidKey(path.string, reason: "its first line is none")
        }
        return line
    }
}
