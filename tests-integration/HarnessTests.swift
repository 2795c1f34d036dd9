import Glibc
import LinuxSystem
import SystemPackage
import Testing

/// The examples for people who write tests with machines.
@Suite("The harness examples", .serialized)
struct HarnessTests {
    private let host: Host
    private let directory: FilePath

    init() throws {
        host = try Host()
        directory = host.laboratory.recipes.removingLastComponent().appending("harness")
    }

    private func run(_ program: String, _ arguments: [String]) throws -> ProgramResult {
        var child = ChildProgram(try #require(ProgramSearch.find(program)), arguments)
        let names = ["PATH", "QEMU_BIN", "VIRTIOFSD_BIN"]
        child.environment =
            names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } } + [
                "HOME=/root", "BCVK=\(host.laboratory.programs)/bcvk", "BCVK_STATE=\(host.state)",
                "BCVK_CACHE=\(host.cache)", "PYTHONDONTWRITEBYTECODE=1",
            ]
        return try child.run()
    }

    @Test("pytest gives each test a machine of its own")
    func pytest() throws {
        let result = try run(
            "/usr/bin/python3",
            [
                "-m", "pytest", "-q", "-p", "no:cacheprovider", "--image", try host.laboratory.image("debian13"),
                directory.string,
            ])
        #expect(result.exit == .exited(0) && result.text.contains("2 passed"), "\(result.story)")
        #expect(try host.leftovers() == [])
    }

    @Test("lines of shell are tests too")
    func shell() throws {
        let script = directory.appending("example.sh").string
        let result = try run("/bin/sh", [script, try host.laboratory.image("debian13")])
        #expect(result.exit == .exited(0), "\(result.story)")
        #expect(result.text == "ok 1 - the system is up\nok 2 - /usr is read-only\n1..2\n", "\(result.story)")
        #expect(try host.leftovers() == [])
    }
}
