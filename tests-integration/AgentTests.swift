import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// The agent in the guest: programs with exact exit codes and streams, and copies, without ssh and without a network.
@Suite("The agent", .serialized)
struct AgentTests {
    /// One machine for the suite: what is tested leaves nothing behind that the next test sees.
    private struct Box {
        let host: Host

        init() throws {
            host = try Host()
            let image = try host.laboratory.image("no-sshd")
            let start = try host.bcvk("ephemeral", "run", "-d", "--name", "box", "--memory", "1G", image)
            try #require(start.exit == .exited(0), "\(start.story)")
        }

        func exec(_ words: String..., options: [String] = [], input: [UInt8] = []) throws -> ProgramResult {
            try host.bcvk(["ephemeral", "exec"] + options + ["box", "--"] + words, input: input)
        }

        func end() throws {
            #expect(try host.bcvk("ephemeral", "rm", "-f", "box").exit == .exited(0))
            #expect(try host.leftovers() == [])
        }
    }

    @Test("answers before and after the boot, gives exact codes and streams, and copies, in an image without sshd")
    func everything() throws {
        let box = try Box()
        try codes(box)
        try streams(box)
        try identity(box)
        try copies(box)
        try many(box)
        try readiness(box)
        try box.end()
    }

    private func codes(_ box: Box) throws {
        // Every code, and every signal that ends a program: 1 to 31 without those that stop it, continue it or are ignored.
        let harmless = [SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH]
        let signals = (1...31).filter { !harmless.contains(Int32($0)) }.map { Int32($0) }
        let lines =
            (0...255).map { ("exit \($0)", Int32($0)) } + signals.map { ("kill -\($0) $$; sleep 10", 128 + $0) }
        let null = try OwnedDescriptor(opening: "/dev/null", .readWrite)
        // Many at once, but not more than a small guest starts in a reasonable time.
        for start in stride(from: 0, to: lines.count, by: 32) {
            let running = try lines[start..<min(start + 32, lines.count)].map { line, code in
                let program = box.host.program(["ephemeral", "exec", "box", "--", "sh", "-c", line])
                return (line, code, try program.start(descriptors: [null.raw, null.raw, null.raw]))
            }
            for (line, code, program) in running { #expect(try program.wait() == .exited(code), "\(line)") }
        }
        let missing = try box.exec("/nonexistent/program")
        #expect(missing.exit == .exited(127) && missing.complaint.contains("/nonexistent/program"), "\(missing.story)")
        let forbidden = try box.exec("/etc/passwd")
        #expect(forbidden.exit == .exited(126) && forbidden.complaint.contains("/etc/passwd"), "\(forbidden.story)")
        let nobody = try box.exec("true", options: ["-u", "no-such-user"])
        #expect(nobody.exit == .exited(127) && nobody.complaint.contains("no-such-user"), "\(nobody.story)")
        let nowhere = try box.exec("true", options: ["-w", "/nonexistent"])
        #expect(nowhere.exit == .exited(127) && nowhere.complaint.contains("/nonexistent"), "\(nowhere.story)")
    }

    private func streams(_ box: Box) throws {
        let apart = try box.exec("sh", "-c", "echo out; echo err >&2; cat")
        #expect(apart.text == "out\n" && apart.complaint == "err\n", "\(apart.story)")
        // Not a multiple of any buffer, and every byte value.
        let bytes = (0..<3_000_001).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
        let echo = try box.exec("cat", options: ["-i"], input: bytes)
        #expect(echo.exit == .exited(0) && echo.output == bytes, "\(echo.output.count) bytes came back")
        try large(box)
        // A program that reads nothing does not hold up what is sent to it.
        #expect(try box.exec("true", options: ["-i"], input: bytes).exit == .exited(0))
        // A child in the background does not keep the session.
        let background = try box.exec("sh", "-c", "sleep 1000 & echo started")
        #expect(background.exit == .exited(0) && background.text == "started\n", "\(background.story)")
        #expect(try box.exec("pkill", "-x", "sleep").exit == .exited(0))
        let terminal = try box.exec("sh", "-c", "test -t 1 && stty size && echo $TERM", options: ["-t"])
        #expect(terminal.exit == .exited(0) && terminal.text.hasPrefix("24 80\r\n"), "\(terminal.story)")
    }

    /// 100 MB of random bytes through all three streams at once: in by one, out by both others.
    private func large(_ box: Box) throws {
        let place = try box.host.laboratory.directory("streams")
        let made = try ChildProgram(
            "/bin/dd", ["if=/dev/urandom", "of=\(place)/in", "bs=1000000", "count=100", "status=none"]
        ).run()
        try #require(made.exit == .exited(0), "\(made.story)")
        let line = "mkfifo /run/streams && { cat /run/streams >&2 & tee /run/streams; wait; }"
        do {
            let input = try OwnedDescriptor(opening: place.appending("in"), .readOnly)
            let output = try OwnedDescriptor(opening: place.appending("out"), .writeOnly, options: [.create])
            let errors = try OwnedDescriptor(opening: place.appending("err"), .writeOnly, options: [.create])
            let program = box.host.program(["ephemeral", "exec", "-i", "box", "--", "sh", "-c", line])
            let running = try program.start(descriptors: [input.raw, output.raw, errors.raw])
            #expect(try running.wait() == .exited(0))
        }
        let sums = try ChildProgram(
            "/usr/bin/sha256sum", ["\(place)/in", "\(place)/out", "\(place)/err"]
        ).run().text.split(separator: "\n").map { $0.prefix(64) }
        #expect(sums.count == 3 && Set(sums).count == 1, "\(sums)")
        try Files.removeTree(place)
    }

    private func identity(_ box: Box) throws {
        let plain = try box.exec("sh", "-c", "id -u; pwd; echo $HOME $USER $PATH")
        #expect(plain.text.hasPrefix("0\n/root\n/root root /usr/local/sbin:"), "\(plain.story)")
        let other = try box.exec(
            "sh", "-c", "id -un; id -gn; pwd; echo $A/$B",
            options: ["-u", "daemon:games", "-w", "/usr", "-e", "A=1 2", "-e", "B="])
        #expect(other.text == "daemon\ngames\n/usr\n1 2/\n", "\(other.story)")
    }

    private func copies(_ box: Box) throws {
        let place = try box.host.laboratory.directory("copies")
        try Files.createDirectories(place.appending("tree/inner"), mode: 0o755)
        try Files.writeAtomically([UInt8](repeating: 0xA5, count: 1_000_000), to: place.appending("tree/inner/large"))
        chmod(place.appending("tree/inner/large").string, 0o741)
        symlink("inner/large", place.appending("tree/link").string)
        #expect(try box.host.bcvk("ephemeral", "cp", "\(place)/tree", "box:/var/tmp").exit == .exited(0))
        let look = try box.exec("sh", "-c", "stat -c '%a %u %s' /var/tmp/tree/inner/large; readlink /var/tmp/tree/link")
        #expect(look.text == "741 0 1000000\ninner/large\n", "\(look.story)")
        let back = try box.host.bcvk("ephemeral", "cp", "box:/var/tmp/tree", "\(place)/back")
        #expect(back.exit == .exited(0), "\(back.story)")
        #expect(try Files.readWhole(place.appending("back/inner/large")).count == 1_000_000)
        let missing = try box.host.bcvk("ephemeral", "cp", "box:/nonexistent", "\(place)/x")
        #expect(missing.exit == .exited(125) && missing.complaint.contains("/nonexistent"), "\(missing.story)")
        let readOnly = try box.host.bcvk("ephemeral", "cp", "\(place)/tree", "box:/usr")
        #expect(readOnly.exit == .exited(125) && readOnly.complaint.contains("Read-only"), "\(readOnly.story)")
        #expect(try box.host.bcvk("ephemeral", "cp", "a", "b").exit == .exited(64))
    }

    private func many(_ box: Box) throws {
        let null = try OwnedDescriptor(opening: "/dev/null", .readWrite)
        let running = try (0..<50).map { number in
            try box.host.program(["ephemeral", "exec", "box", "--", "sh", "-c", "sleep 1; exit \(number)"])
                .start(descriptors: [null.raw, null.raw, null.raw])
        }
        for (number, program) in running.enumerated() { #expect(try program.wait() == .exited(Int32(number))) }
        // A client that is killed takes its program with it.
        let client = try box.host.program(["ephemeral", "exec", "box", "--", "sleep", "4711"])
            .start(descriptors: [null.raw, null.raw, null.raw])
        var isThere = false
        for _ in 0..<100 where !isThere {
            isThere = try box.exec("pgrep", "-f", "^sleep 4711").exit == .exited(0)
        }
        #expect(isThere)
        client.signal(SIGKILL)
        _ = try client.wait()
        var isGone = false
        for _ in 0..<100 where !isGone { isGone = try box.exec("pgrep", "-f", "^sleep 4711").exit == .exited(1) }
        #expect(isGone)
        // A signal is passed on, and the program decides what it means.
        let patient = try box.host.program([
            "ephemeral", "exec", "box", "--", "sh", "-c",
            "trap 'exit 7' TERM; touch /run/trap; while :; do sleep 0.1; done",
        ]).start(descriptors: [null.raw, null.raw, null.raw])
        for _ in 0..<100 { if try box.exec("test", "-e", "/run/trap").exit == .exited(0) { break } }
        patient.signal(SIGTERM)
        #expect(try patient.wait() == .exited(7))
    }

    private func readiness(_ box: Box) throws {
        let boot = try box.host.bcvk("ephemeral", "wait", "box", "--for", "boot", "--json")
        let told = try boot.json()
        #expect(told["boot"] == .bool(true) && told["failed_units"]?.elements.isEmpty == true, "\(boot.story)")
        #expect(try box.exec("systemctl", "is-system-running", "--wait").text == "running\n")
        // There is no ssh server, and so nobody who could say that it is ready.
        let ssh = try box.host.bcvk("ephemeral", "wait", "box", "--for", "ssh", "--timeout", "1")
        #expect(ssh.exit == .exited(125) && ssh.complaint.contains("no ssh server after 1 s"), "\(ssh.story)")
        try JSONForm.named("ephemeral wait").check(told)
        let record = try box.host.bcvk("ephemeral", "inspect", "box").json()
        try JSONForm.named("ephemeral inspect").check(record)
        // How its processes are fenced in is looked up for inspect only.
        #expect(try box.host.bcvk("ephemeral", "ps", "--json").json().elements == [record.without("confinement")])
        #expect(record["guest"]?["agent"] == .bool(true) && record["guest"]?["boot"] == .bool(true))
    }
}
