import LinuxSystem
import SystemPackage

/// Everything that can be seen of a tree, to compare before and after.
enum TreeFingerprint {
    /// A shell script that prints it of the directory that its first argument matches.
    static let script = """
        set -e
        cd $1 && find . \\( -type d -printf '%p %y %m %U:%G %T@\\n' \\) -o -printf '%p %y %m %U:%G %s %T@ %l\\n' | sort && \
        find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum && \
        getfattr -R -h -d -m - . | sha256sum
        """

    /// One line for every name: path, type, mode, owner, size, time, link target, and a checksum of all contents.
    static func of(_ tree: String) throws -> String {
        let result = try ChildProgram("/bin/sh", ["-c", script, "sh", tree]).run()
        guard result.exit == .exited(0) else { throw Missing("a fingerprint of \(tree): \(result.errorText)") }
        return result.text
    }
}
