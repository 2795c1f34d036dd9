import EphemeralMachine

/// Checks of an image, all on one machine, printed in the Test Anything Protocol. The machine is gone afterwards in any case.
///
///     example IMAGE
///
/// The program `bcvk` has to be in PATH, or `BCVK_PROGRAM` names it.
@main
struct Example {
    static func main() async throws {
        guard CommandLine.arguments.count == 2 else { throw Failed(reason: "usage: example IMAGE") }
        var options = MachineOptions()
        options.memoryMebibytes = 1024
        options.notice = { print("# \($0)") }
        let failures = try await withMachine(CommandLine.arguments[1], options) { machine in
            try await check(machine)
        }
        if failures > 0 { throw Failed(reason: "\(failures) checks failed") }
    }

    /// Returns how many checks failed.
    private static func check(_ machine: RunningMachine) async throws -> Int {
        var plan = Plan()
        let state = try await machine.execute(["systemctl", "is-system-running", "--wait"])
        plan.note("the system is up", state.text == "running\n")

        // Output and exit codes are exact, and several programs may run at once.
        async let seven = machine.shell("exit 7")
        async let killed = machine.shell("kill -9 $$")
        plan.note("exit codes", try await seven.exit == .code(7))
        plan.note("signals", try await killed.exit == .signal(9))

        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let echo = try await machine.execute(["cat"], input: bytes, user: "nobody")
        plan.note("standard input and output", echo.output == bytes)

        // Files in and out.
        try await machine.copyIn("/etc/os-release", to: "/var/tmp/host-release")
        let copied = try await machine.shell("wc -c </var/tmp/host-release")
        plan.note("a file of the host", copied.text != "0\n" && copied.succeeded)

        do {
            _ = try await machine.execute(["no-such-program"])
            plan.note("a program that is not there", false)
        } catch {
            plan.note("a program that is not there", error.kind == .programNotFound)
        }
        plan.end()
        return plan.failures
    }
}

/// The lines of the Test Anything Protocol.
struct Plan {
    private var number = 0
    private(set) var failures = 0

    mutating func note(_ name: String, _ isRight: Bool) {
        number += 1
        if !isRight { failures += 1 }
        print("\(isRight ? "ok" : "not ok") \(number) - \(name)")
    }

    func end() { print("1..\(number)") }
}

/// Why the program ends with an error.
struct Failed: Error {
    let reason: String
}
