import EphemeralMachine
import Glibc
import LinuxSystem
import SystemPackage
import Testing

/// The library: machines for Swift programs, in this very process.
@Suite("withMachine", .serialized)
struct LibraryTests {
    private let host: Host

    init() throws {
        host = try Host()
    }

    /// The least that a machine needs: what is tested here does not wait for a boot.
    private func small(_ name: String) -> MachineOptions {
        var options = MachineOptions()
        options.name = name
        options.memoryMebibytes = 512
        options.readiness = .agent
        options.program = "\(host.laboratory.programs)/bcvk"
        options.stateDirectory = host.state.string
        options.cacheDirectory = host.cache.string
        return options
    }

    /// The failure of something that must fail.
    private func failure<Value>(_ work: () async throws -> Value) async throws -> MachineFailure {
        do {
            _ = try await work()
        } catch let failure as MachineFailure {
            return failure
        }
        Issue.record("nothing failed")
        throw CancellationError()
    }

    @Test("has exact codes and streams, copies, is cancelled, tells its end, and leaves nothing behind")
    func everything() async throws {
        var options = small("library")
        options.publishedPorts = ["0:80"]
        let image = try host.laboratory.image("no-sshd")
        let place = try host.laboratory.directory("library")
        let lost = try await failure {
            try await withMachine(image, options) { machine in
                #expect(machine.name == "library" && machine.ssh?.address == "127.0.0.1")
                #expect(machine.ports.first?.guestPort == 80 && machine.ports.first?.hostPort != 0)
                #expect(try await machine.shell("exit 42").exit == .code(42))
                let killed = try await machine.shell("kill -KILL $$")
                #expect(killed.exit == .signal(9) && killed.exitCode == 137)
                let bytes = (0..<1_000_003).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 11) }
                let line = "mkfifo /run/both && { cat /run/both >&2 & tee /run/both; wait; }"
                let echo = try await machine.shell(line, input: bytes)
                #expect(echo.output == bytes && echo.errorOutput == bytes && echo.succeeded)
                // A program that reads nothing of it does not hold up the rest.
                #expect(try await machine.execute(["true"], input: bytes).succeeded)
                let who = try await machine.execute(
                    ["sh", "-c", "id -un; pwd; echo $A"], environment: ["A": "1 2"], directory: "/usr", user: "daemon")
                #expect(who.text == "daemon\n/usr\n1 2\n")
                try await several(machine)
                try await copies(machine, place)
                try await cancelled(machine)
                #expect(try await failure { try await machine.execute(["no-such-program"]) }.kind == .programNotFound)
                #expect(try await failure { try await machine.execute(["/etc/passwd"]) }.kind == .programForbidden)
                #expect(try await failure { try await withMachine(image, options) { _ in } }.kind == .request)
                // The machine goes away under a program, and the failure leaves the closure.
                _ = try await machine.shell("echo o > /proc/sysrq-trigger; sleep 1000")
            }
        }
        #expect(lost.kind == .ended && lost.description.contains("the guest powered off"), "\(lost)")
        #expect(try host.leftovers() == [])
    }

    private func several(_ machine: RunningMachine) async throws {
        let codes = try await withThrowingTaskGroup(of: UInt8.self) { group in
            for number in UInt8(0)..<20 {
                group.addTask {
                    guard case .code(let code) = try await machine.shell("sleep 0.2; exit \(number)").exit else {
                        return 255
                    }
                    return code
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.sorted() == Array(0..<20))
    }

    private func copies(_ machine: RunningMachine, _ place: FilePath) async throws {
        try Files.createDirectories(place.appending("tree/inner"), mode: 0o750)
        try Files.writeAtomically("text\n", to: place.appending("tree/inner/file"))
        try await machine.copyIn("\(place)/tree", to: "/var/tmp")
        #expect(
            try await machine.shell("stat -c %a /var/tmp/tree/inner; cat /var/tmp/tree/inner/file").text
                == "750\ntext\n")
        try await machine.copyOut("/var/tmp/tree", to: "\(place)/back")
        #expect(try Files.readWhole(place.appending("back/inner/file")) == Array("text\n".utf8))
        let missing = try await failure { try await machine.copyOut("/nonexistent", to: "\(place)/x") }
        #expect(missing.description.contains("/nonexistent"), "\(missing)")
        let here = try await failure { try await machine.copyIn("/nonexistent", to: "/var/tmp") }
        #expect(here.description.contains("/nonexistent"), "\(here)")
    }

    /// The program goes with the task that has run it.
    private func cancelled(_ machine: RunningMachine) async throws {
        let task = Task { try await machine.execute(["sleep", "4711"]) }
        var isThere = false
        while !isThere { isThere = try await machine.execute(["pgrep", "-f", "^sleep 4711"]).succeeded }
        task.cancel()
        #expect(try await failure { try await task.value }.kind == .cancelled)
        var isGone = false
        while !isGone { isGone = try await !machine.execute(["pgrep", "-f", "^sleep 4711"]).succeeded }
    }

    @Test("ends its machine when the work throws, and when its task is cancelled while the guest boots")
    func ends() async throws {
        struct Mine: Error {}
        let image = try host.laboratory.image("no-sshd")
        await #expect(throws: Mine.self) {
            try await withMachine(image, small("thrown")) { _ in throw Mine() }
        }
        #expect(try host.leftovers() == [])
        var options = small("cancelled")
        options.readiness = .boot
        let task = Task { [options] in try await withMachine(image, options) { _ in } }
        while try !host.leftovers().contains("cancelled") { try await Task.sleep(for: .milliseconds(10)) }
        task.cancel()
        #expect(try await failure { try await task.value }.kind == .cancelled)
        #expect(try host.leftovers() == [])
    }

    @Test("says what is wrong with a request, an image or this host, and what the cure is")
    func failures() async throws {
        var options = small("wrong")
        options.program = "/nonexistent/bcvk"
        let lost = try await failure { try await withMachine("oci:/nonexistent", options) { _ in } }
        #expect(lost.kind == .host && lost.description.contains("/nonexistent/bcvk"), "\(lost)")
        #expect(lost.hint?.contains("BCVK_PROGRAM") == true)
        options.program = "/usr/bin/echo"
        let other = try await failure { try await withMachine("oci:/nonexistent", options) { _ in } }
        #expect(other.kind == .host && other.description.contains("'echo (GNU coreutils)"), "\(other)")
        options = small("wrong")
        #expect(try await failure { try await withMachine("oci:/nonexistent", options) { _ in } }.kind == .image)
        #expect(try await failure { try await withMachine("", options) { _ in } }.kind == .image)
        options.name = "not a name"
        #expect(try await failure { try await withMachine("oci:/nonexistent", options) { _ in } }.kind == .request)
        #expect(try host.leftovers() == [])
    }

    @Test("is what the example package uses")
    func example() throws {
        // SwiftPM puts all programs of a build beside each other.
        let program = try ProgramSearch.ownExecutable().removingLastComponent().appending("bcvk-example")
        try #require(Files.isExecutable(program), "\(program): swift build --build-tests")
        var child = ChildProgram(program, [try host.laboratory.image("debian13")])
        let names: [String] = ["PATH", "QEMU_BIN", "VIRTIOFSD_BIN"]
        child.environment =
            names.compactMap { name in
                getenv(name).map { "\(name)=\(String(cString: $0))" }
            } + [
                "HOME=/root", "BCVK_PROGRAM=\(host.laboratory.programs)/bcvk", "BCVK_STATE=\(host.state)",
                "BCVK_CACHE=\(host.cache)",
            ]
        let result = try child.run()
        let lines = result.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(result.exit == .exited(0) && lines.last == "1..6", "\(result.story)")
        #expect(lines.dropLast().allSatisfy { $0.hasPrefix("ok ") } && lines.count == 7, "\(result.story)")
        #expect(try host.leftovers() == [])
    }
}
