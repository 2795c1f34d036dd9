import Testing

/// The main job: an image goes in, what a command said in a machine comes out.
@Suite("run-ssh", .serialized)
struct MainJobTests {
    @Test("gives the command's exit code and output, and nothing else", arguments: [Host.User.root, .ordinary])
    func exitCodeAndOutput(user: Host.User) throws {
        let host = try Host(user)
        let image = try host.laboratory.image("debian13")
        let result = try host.bcvk("ephemeral", "run-ssh", image, "--", "echo out; echo err >&2; exit 42")
        #expect(result.exit == .exited(42), "\(result.story)")
        #expect(result.text == "out\n")
        #expect(result.complaint.contains("err\n"))
        #expect(try host.leftovers() == [])
    }

    @Test("passes standard input through, and several words as they are")
    func inputAndWords() throws {
        let host = try Host()
        let image = try host.laboratory.image("debian13")
        var bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        bytes.append(0)
        let echoed = try host.bcvk(["ephemeral", "run-ssh", image, "--", "cat"], input: bytes)
        #expect(echoed.exit == .exited(0), "\(echoed.complaint)")
        #expect(echoed.output == bytes)
    }

    @Test("says when the machine dies under it, and gives its reason")
    func deadMachine() throws {
        let host = try Host()
        let image = try host.laboratory.image("debian13")
        let result = try host.bcvk("ephemeral", "run-ssh", image, "--karg", "init=/nonexistent", "--", "true")
        // Our init looks for the image's own, so the argument changes nothing but what the kernel would have done.
        #expect(result.exit == .exited(0), "\(result.story)")
        let ended = try host.bcvk("ephemeral", "run-ssh", image, "--", "systemctl poweroff --force --force; sleep 60")
        #expect(ended.exit == .exited(125) || ended.exit == .exited(255), "\(ended.story)")
    }
}
