import LinuxSystem
import Testing

/// The main job: an image goes in, what a command said in a machine comes out.
@Suite("run-ssh", .serialized)
struct MainJobTests {
    @Test("gives root the command's exit code and output, and nothing else")
    func asRoot() throws {
        try exitCodeAndOutput(.root)
    }

    @Test("gives them to an ordinary user too", .enabled(if: Host.ordinaryUserCanRun))
    func asOrdinaryUser() throws {
        try exitCodeAndOutput(.ordinary)
    }

    /// Standard input goes through too, and several words arrive as they are.
    private func exitCodeAndOutput(_ user: Host.User) throws {
        let host = try Host(user)
        let image = try host.laboratory.image("debian13")
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let script = "cat; printf '%s|' \"$@\"; echo err >&2; exit 42"
        let result = try host.bcvk(
            ["ephemeral", "run-ssh", image, "--", "sh", "-c", script, "sh", "a  b", "it's", "$HOME"], input: bytes)
        #expect(result.exit == .exited(42), "\(result.complaint)")
        #expect(Array(result.output.prefix(bytes.count)) == bytes)
        #expect(String(decoding: result.output.dropFirst(bytes.count), as: UTF8.self) == "a  b|it's|$HOME|")
        #expect(result.complaint.contains("err\n"))
        #expect(try host.leftovers() == [])
    }

    @Test("never takes a machine that died for success")
    func deadMachine() throws {
        let host = try Host()
        let image = try host.laboratory.image("debian13")
        let result = try host.bcvk("ephemeral", "run-ssh", image, "--", "echo o > /proc/sysrq-trigger; sleep 600")
        #expect(result.exit == .exited(125), "\(result.story)")
        #expect(result.complaint.contains("ended: the guest powered off"), "\(result.complaint)")
        // What it said stays for whoever wants to know why, and goes when they have seen it.
        #expect(try host.bcvk("ephemeral", "rm-all", "-f").exit == .exited(0))
        #expect(try host.leftovers() == [])
    }

    @Test("tells at once when the guest panics in its boot")
    func panic() throws {
        let host = try Host()
        let image = try host.laboratory.image("debian13")
        // A kernel that runs no program of the initramfs has no other way.
        let result = try host.bcvk("ephemeral", "run-ssh", image, "--karg", "rdinit=/nonexistent", "--", "true")
        #expect(result.exit == .exited(125), "\(result.story)")
        #expect(result.complaint.contains("panic"), "\(result.complaint)")
    }
}
