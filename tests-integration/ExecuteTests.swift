import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// Machines for test harnesses: lines in, exact codes and kept logs out, and nothing is ever taken for success by absence.
@Suite("run --execute", .serialized)
struct ExecuteTests {
    private func run(_ host: Host, _ words: String...) throws -> ProgramResult {
        try host.bcvk(["ephemeral", "run", "--memory", "1G"] + words + [try host.laboratory.image("debian13")])
    }

    @Test("gives root a line's output and code, stops at the first that fails, and keeps the logs")
    func asRoot() throws {
        try linesAndLogs(.root)
    }

    @Test("gives them to an ordinary user too", .enabled(if: Host.ordinaryUserCanRun))
    func asOrdinaryUser() throws {
        try linesAndLogs(.ordinary)
    }

    private func linesAndLogs(_ user: Host.User) throws {
        let host = try Host(user)
        let logs = host.state.appending("logs=1")
        let result = try run(
            host, "--log-dir", "journal,console=\(logs)", "--execute",
            "echo \"a  b\" 100% $HOME; test -t 0 || echo no terminal",
            "--execute", "systemctl is-system-running; echo failing >&2; exit 42", "--execute", "echo never")
        #expect(result.exit == .exited(42), "\(result.story)")
        #expect(result.text == "a  b 100% /root\nno terminal\nrunning\n", "\(result.story)")
        #expect(result.complaint.contains("failing\n"))
        let journal = String(decoding: try Files.readWhole(logs.appending("journal.json")), as: UTF8.self)
        let entries = journal.split(separator: "\n")
        #expect(entries.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
        #expect(journal.contains("bcvk-sample.service"))
        #expect(Files.exists(logs.appending("console.txt")))
        try Files.removeTree(logs)
        #expect(try host.leftovers() == [])
    }

    @Test("knows an emergency shell from a boot")
    func emergency() throws {
        let host = try Host()
        let result = try run(host, "--karg", "systemd.unit=emergency.target", "--execute", "true")
        #expect(result.exit == .exited(125) && result.complaint.contains("emergency"), "\(result.story)")
        #expect(try host.leftovers().isEmpty)
        // In the image's own initramfs there is no agent yet that could tell.
        let early = try host.bcvk(
            "ephemeral", "run", "-d", "--wait", "agent", "--memory", "2G", "--initramfs", "image", "--karg",
            "rd.systemd.unit=emergency.target", try host.laboratory.image("debian13-dracut"))
        #expect(early.exit == .exited(125) && early.complaint.contains("emergency"), "\(early.story)")
        #expect(try host.bcvk("ephemeral", "rm-all", "-f").exit == .exited(0))
        #expect(try host.leftovers().isEmpty)
    }

    @Test("names units that have failed and goes on, and tells what happened to a machine that goes away under a line")
    func failedUnitsAndPoweroff() throws {
        let host = try Host()
        let units = try host.laboratory.directory("units", mode: 0o755)
        try Files.createDirectories(units.appending("system/multi-user.target.wants"), mode: 0o755)
        try Files.writeAtomically(
            "[Service]\nType=oneshot\nExecStart=/bin/false\n", to: units.appending("system/broken.service"))
        symlink("../broken.service", units.appending("system/multi-user.target.wants/broken.service").string)
        // Without the pause the machine may be off before the agent's processor has had its turn.
        let result = try run(
            host, "--systemd-units", units.string, "--execute", "systemctl is-system-running; true", "--execute",
            "echo before; sleep 1; echo o > /proc/sysrq-trigger; sleep 1000", "--execute", "echo never")
        #expect(result.exit == .exited(125) && result.text == "degraded\nbefore\n", "\(result.story)")
        #expect(result.complaint.contains("failed units: broken.service"), "\(result.story)")
        #expect(result.complaint.contains("the guest powered off"), "\(result.story)")
        #expect(try host.bcvk("ephemeral", "rm-all", "-f").exit == .exited(0))
        #expect(try host.leftovers() == [])
    }

    @Test("is ended by its time limit, and by Ctrl-C")
    func limits() throws {
        let host = try Host()
        let late = try run(host, "--timeout", "3", "--execute", "true")
        #expect(late.exit == .exited(124) && late.complaint.contains("--timeout"), "\(late.story)")
        #expect(try host.leftovers() == [])
        let slow = try run(host, "--boot-timeout", "1", "--execute", "true")
        #expect(slow.exit == .exited(125) && slow.complaint.contains("no end of the boot after 1 s"), "\(slow.story)")
        #expect(try host.leftovers() == [])
        let image = try host.laboratory.image("debian13")
        let program = host.program([
            "ephemeral", "run", "--memory", "1G", "--name", "short", "--execute", "true", image,
        ])
        let null = try OwnedDescriptor(opening: "/dev/null", .readWrite)
        let client = try program.start(descriptors: [null.raw, null.raw, null.raw])
        while try !host.leftovers().contains("short") { usleep(20_000) }
        usleep(300_000)
        client.signal(SIGINT)
        #expect(try client.wait() == .exited(130))
        #expect(try host.leftovers() == [])
    }

    @Test(
        "refuses what does not go together",
        arguments: [
            ["--execute", "true", "-d"], ["--wait", "boot"], ["--console", "-d"], ["--log-dir", "journal"],
            ["--log-dir", "journal="], ["--log-dir", "=x"], ["--log-dir", "kernel=x"], ["--timeout", "0"],
            ["-d", "--wait", "stopped"],
        ])
    func contradictions(words: [String]) throws {
        let host = try Host()
        let result = try host.bcvk(["ephemeral", "run"] + words + ["oci:/nonexistent"])
        #expect(result.exit == .exited(64) && result.output.isEmpty, "\(result.story)")
        #expect(try host.leftovers() == [])
    }
}

/// Images that were made for containers.
@Suite("An application image", .serialized)
struct ApplicationTests {
    @Test("runs on another image's kernel, as it was made to run")
    func service() throws {
        let host = try Host()
        let kernel = try host.laboratory.image("debian13")
        let image = try host.laboratory.image("application")
        let alone = try host.bcvk("ephemeral", "run", image)
        #expect(alone.exit == .exited(125) && alone.complaint.contains("--kernel-from IMAGE"), "\(alone.story)")
        let start = try host.bcvk(
            "ephemeral", "run", "-d", "--name", "app", "--memory", "512M", "--wait", "agent", "--kernel-from", kernel,
            image)
        #expect(start.exit == .exited(0), "\(start.story)")
        // The service writes to the console when it runs.
        var console = ""
        for _ in 0..<600 where !console.contains("runs as") {
            console = try host.bcvk("ephemeral", "logs", "app").text
            usleep(100_000)
        }
        #expect(console.contains("runs as games in /var/tmp with hello"), "\(console)")
        #expect(try host.bcvk("ephemeral", "exec", "app", "--", "id", "-u").text == "0\n")
        #expect(try host.bcvk("ephemeral", "stop", "app").exit == .exited(0))
        let record = try host.bcvk("ephemeral", "inspect", "app").json()
        #expect(record["guest"]?["service_exit"]?.integerValue == 7, "\(record)")
        #expect(record["reason"]?.stringValue == "its service ended with exit code 7")
        #expect(try host.bcvk("ephemeral", "logs", "app").text.contains("asked to end"))
        #expect(try host.bcvk("ephemeral", "rm", "app").exit == .exited(0))
        #expect(try host.leftovers() == [])
    }
}
