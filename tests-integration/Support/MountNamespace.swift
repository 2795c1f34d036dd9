import Glibc
import LinuxSystem
import SystemPackage

/// A mount namespace of a test's own: what is mounted in it is nobody else's, and goes with it.
final class MountNamespace {
    private let holder: RunningProgram
    private var lifeline: OwnedPipe

    /// - Parameter script: shell commands that mount things.
    init(_ script: String) throws {
        var input = try OwnedPipe()
        var output = try OwnedPipe()
        let null = try OwnedDescriptor(opening: "/dev/stderr", .writeOnly)
        // It ends when this process does: then nobody holds the other end of its standard input.
        holder = try ChildProgram(
            "/usr/bin/unshare",
            ["--mount", "--propagation", "private", "/bin/sh", "-c", "set -e\n\(script)\necho ready\nread -r _"]
        ).start(descriptors: [input.read, output.write, null.raw])
        input.closeRead()
        output.closeWrite()
        lifeline = input
        var answer = [UInt8](repeating: 0, count: 6)
        guard read(output.read, &answer, 6) == 6 else { throw Missing("a mount namespace with \(script)") }
    }

    /// The same program, in the namespace.
    func inside(_ program: ChildProgram) -> ChildProgram {
        var program = program
        program.arguments =
            ["--mount=/proc/\(holder.process)/ns/mnt", "--", program.executable.string] + program.arguments
        program.executable = "/usr/bin/nsenter"
        return program
    }

    /// Runs shell commands in it, which must work.
    @discardableResult
    func run(_ script: String, _ arguments: [String] = [], environment: [String]? = nil) throws -> String {
        var program = ChildProgram("/bin/sh", ["-ec", script, "sh"] + arguments)
        program.environment = environment
        let result = try inside(program).run()
        guard result.exit == .exited(0) else {
            throw Missing("\(script): \(String(decoding: result.errorOutput, as: UTF8.self))")
        }
        return result.text
    }

    deinit {
        lifeline.closeWrite()
        _ = try? holder.wait()
    }
}
