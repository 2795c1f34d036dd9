import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// What bcvk says of this host, and that it is what the other commands do.
@Suite("doctor", .serialized)
struct DoctorTests {
    private func findings(_ result: ProgramResult) throws -> [String: JSONValue] {
        let report = try JSONValue(parsing: result.output)
        try JSONForm.named("doctor").check(report)
        let found = try #require(report["findings"]).elements.map { ($0["id"]?.stringValue ?? "", $0) }
        return try Dictionary(found, uniquingKeysWith: { _, _ in throw Missing("ids of their own for findings") })
    }

    private func status(_ findings: [String: JSONValue], _ id: String) -> String? {
        findings[id]?["status"]?.stringValue
    }

    @Test("finds that this host can run machines, and says how, in its documented form")
    func root() throws {
        try canRun(.root)
    }

    @Test("finds the same for an ordinary user", .enabled(if: Host.ordinaryUserCanRun))
    func ordinaryUser() throws {
        try canRun(.ordinary)
    }

    private func canRun(_ user: Host.User) throws {
        let host = try Host(user)
        let result = try host.bcvk("doctor", "--json")
        #expect(result.exit == .exited(0), "\(result.story)")
        let found = try findings(result)
        let described = try documentedIDs()
        // Space has no finding of its own where the cache cannot be written; here it can.
        #expect(Set(found.keys) == described, "\(result.story)")
        for id in ["qemu", "virtiofsd", "guest_program", "subordinate_ids", "namespaces", "cache", "state", "ssh"] {
            #expect(status(found, id) != "problem", "\(id): \(result.story)")
        }
        #expect(found["qemu"]?["facts"]?["virtiofs"]?.boolValue == true)
        let program = try #require(found["guest_program"]?["facts"]?["program"]?.stringValue)
        #expect(program == host.laboratory.programs.appending("bcvk-guest").string)
        #expect(found["cache"]?["facts"]?["directory"]?.stringValue == host.cache.string)
        #expect(found["state"]?["facts"]?["directory"]?.stringValue == host.state.string)
        if user == .ordinary { #expect(found["subordinate_ids"]?["facts"]?["user_ids"]?.integerValue ?? 0 > 0) }
        // For people: a line for each, and its cure.
        let table = try host.bcvk("doctor")
        #expect(table.exit == .exited(0))
        #expect(table.text.split(separator: "\n").count { $0.hasPrefix("ok ") || $0.hasPrefix("note ") } == found.count)
        #expect(table.text.contains("Machines can run here."))
        #expect(table.complaint.isEmpty)
        #expect(try host.leftovers() == [])
    }

    /// The names that json.md has for findings.
    private func documentedIDs() throws -> Set<String> {
        let path = FilePath(#filePath).removingLastComponent().removingLastComponent().appending("contrib/docs/json.md")
        let text = String(decoding: try Files.readWhole(path), as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("| `findings[].id`") })
        let words = line.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter {
            $0.offset % 2 == 1
        }
        return Set(words.map { String($0.element) }).subtracting(["findings[].id"])
    }

    /// What is missing, the environment that makes it so, the finding, and the command that must say the same.
    struct Lack: CustomTestStringConvertible {
        let variable: String
        let finding: String
        var testDescription: String { variable }
    }

    @Test(
        "a lack that stops machines is a problem, and the commands fail with its very words",
        arguments: [
            Lack(variable: "QEMU_BIN=/nonexistent/qemu", finding: "qemu"),
            Lack(variable: "VIRTIOFSD_BIN=/nonexistent/virtiofsd", finding: "virtiofsd"),
            Lack(variable: "VIRTIOFSD_BIN=/bin/true", finding: "virtiofsd"),
            Lack(variable: "BCVK_GUEST=/nonexistent/guest", finding: "guest_program"),
            Lack(variable: "BCVK_CACHE=/proc/nowhere", finding: "cache"),
        ])
    func lacks(lack: Lack) throws {
        var host = try Host()
        host.variables = [lack.variable]
        try expectProblem(host, lack.finding)
    }

    @Test("a state directory of somebody else's", .enabled(if: geteuid() == 0))
    func foreignState() throws {
        var host = try Host(.ordinary)
        let foreign = try host.laboratory.directory("foreign", mode: 0o777)
        host.variables = ["BCVK_STATE=\(foreign)"]
        try expectProblem(host, "state")
    }

    @Test("a user without subordinate ids", .enabled(if: geteuid() == 0))
    func noSubordinateIDs() throws {
        try expectProblem(try Host(.withoutSubordinateIDs, sharesCache: false), "subordinate_ids")
    }

    @Test("a QEMU that does not start is told with its own words")
    func brokenQEMU() throws {
        var host = try Host()
        let program = try host.laboratory.directory("broken", mode: 0o755).appending("qemu")
        try Files.writeAtomically("#!/bin/sh\necho 'qemu: no such luck' >&2\nexit 1\n", to: program, mode: 0o755)
        host.variables = ["QEMU_BIN=\(program)"]
        let found = try findings(try host.bcvk("doctor", "--json"))
        #expect(status(found, "qemu") == "problem")
        #expect(found["qemu"]?["detail"]?.stringValue?.contains("no such luck") == true)
    }

    private func expectProblem(
        _ host: Host, _ id: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let result = try host.bcvk("doctor", "--json")
        #expect(result.exit == .exited(1), "\(result.story)", sourceLocation: sourceLocation)
        let finding = try #require(try findings(result)[id], sourceLocation: sourceLocation)
        #expect(finding["status"]?.stringValue == "problem", "\(result.story)", sourceLocation: sourceLocation)
        let detail = try #require(finding["detail"]?.stringValue, sourceLocation: sourceLocation)
        let cure = try #require(finding["cure"]?.stringValue, sourceLocation: sourceLocation)
        let table = try host.bcvk("doctor")
        #expect(table.exit == .exited(1), sourceLocation: sourceLocation)
        #expect(table.text.contains("cure: \(cure)"), "\(table.story)", sourceLocation: sourceLocation)
        #expect(table.text.contains("No machine can run here."), sourceLocation: sourceLocation)
        let run = try host.bcvk("ephemeral", "run-ssh", try host.laboratory.image("debian13"), "--", "true")
        #expect(run.exit == .exited(125), "\(run.story)", sourceLocation: sourceLocation)
        #expect(
            run.complaint.contains("bcvk: \(detail)\n  hint: \(cure)\n"), "\(run.story)\n\(detail)",
            sourceLocation: sourceLocation)
    }
}
