import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// A host that runs out of something, or stands still for a while.
@Suite("A host in trouble", .serialized)
struct FaultTests {
    private func words(_ host: Host, _ more: [String] = []) throws -> [String] {
        ["ephemeral", "run", "-d", "--name", "box", "--memory", "1G"] + more
            + [try host.laboratory.image("debian13")]
    }

    /// A command of bcvk with the limits that prlimit(1) is told.
    private func limited(_ host: Host, _ limits: [String], _ arguments: [String]) throws -> ProgramResult {
        let program = host.program(arguments)
        var outer = ChildProgram("/usr/bin/prlimit", limits + [program.executable.string] + program.arguments)
        outer.environment = program.environment
        return try outer.run()
    }

    /// That the failure is told in one line with its reason, and that nothing is left once its traces are removed.
    private func expectTold(_ result: ProgramResult, _ reason: String, _ host: Host) throws {
        #expect(result.exit == .exited(125), "\(result.story)")
        #expect(result.complaint.contains(reason), "\(result.story)")
        #expect(!result.complaint.contains("Fatal error"), "\(result.story)")
        #expect(try host.bcvk("ephemeral", "rm-all", "-f").exit == .exited(0))
        #expect(try host.leftovers() == [])
    }

    @Test("without space for a machine's state tells so")
    func stateIsFull() throws {
        let host = try Host()
        let pull = try host.bcvk("images", "pull", try host.laboratory.image("debian13"))
        try #require(pull.exit == .exited(0), "\(pull.story)")
        let result: ProgramResult
        do {
            // Its holder names the place, so it is gone before what is left is looked for.
            let namespace = try MountNamespace("mount -t tmpfs -o size=256k,mode=700 bcvk-test '\(host.state)'")
            result = try namespace.inside(host.program(try words(host))).run()
            let left = try namespace.run("ls -A '\(host.state)'")
            #expect(left == ".lock\n" || left.isEmpty, "\(left)")
        }
        try expectTold(result, "No space left on device", host)
    }

    @Test("without descriptors tells so")
    func noDescriptors() throws {
        let host = try Host()
        let result = try limited(host, ["--nofile=12:12"], try words(host))
        try expectTold(result, "oo many open files", host)
    }

    @Test("without memory for a machine tells what QEMU says")
    func noMemory() throws {
        let host = try Host()
        let result = try limited(host, ["--as=3000000000"], try words(host, ["--memory", "64G"]))
        try expectTold(result, "allocate memory", host)
    }

    @Test("that sleeps and wakes up finds its machines as they were")
    func suspended() throws {
        let host = try Host()
        let guest = try HostileGuest(host, name: "sleeper")
        let machine = try guest.inspect()
        let pids = try #require(machine["confinement"]).elements.compactMap { $0["pid"]?.integerValue }
        #expect(pids.count >= 4)
        let session = try RunningCommand(
            host.program([
                "ephemeral", "exec", "sleeper", "--", "sh", "-c", "for i in 1 2 3 4 5 6; do sleep 0.5; done; exit 7",
            ]),
            errorFile: try host.laboratory.directory("errors").appending("session"))
        for pid in pids { #expect(kill(pid_t(pid), SIGSTOP) == 0) }
        usleep(3_000_000)
        for pid in pids.reversed() { #expect(kill(pid_t(pid), SIGCONT) == 0) }
        #expect(try session.process.wait() == .exited(7), "\(session.complaint)")
        let answer = try guest.attack("hostname")
        #expect(answer.text == "sleeper\n", "\(answer.story)")
        try guest.remove()
        #expect(try host.leftovers() == [])
    }
}
