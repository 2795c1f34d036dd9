import Glibc
import LinuxSystem
import SystemPackage
import Testing

@Suite("A child program")
struct ChildProgramTests {
    @Test("has room for the descriptors that it will have, its children too")
    func room() throws {
        // A table is as large as the descriptors of who forks ask for, and other tests have some at the same time.
        var program = shell(
            "grep FDSize /proc/$$/status; grep FDSize /proc/self/status; set -- /proc/$$/fd/*; echo $#")
        let usual = try numbers(program.run())
        program.descriptorRoom = ChildProgram.DescriptorRoom(900)
        let wide = try numbers(program.run())
        #expect(usual[0] < 900 && wide[0] >= 900 && wide[1] < 900)
        #expect(wide[2] == usual[2])
        program.descriptorRoom = ChildProgram.DescriptorRoom(900, isInherited: true)
        #expect(try numbers(program.run()).prefix(2).allSatisfy { $0 >= 900 })
    }

    private func numbers(_ result: ProgramResult) -> [Int] {
        String(decoding: result.output, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    }

    private func shell(_ script: String) -> ChildProgram { ChildProgram("/bin/sh", ["-c", script]) }

    @Test("gives back its streams apart and its exit code")
    func streams() throws {
        let result = try shell("echo out; echo err >&2; exit 42").run()
        #expect(result.exit == .exited(42))
        #expect(result.text == "out\n")
        #expect(result.errorText == "err")
    }

    @Test("takes more input and gives more output than a pipe holds")
    func largeStreams() throws {
        var program = shell("cat")
        program.input = [UInt8](repeating: 7, count: 1 << 20)
        #expect(try program.run().output == program.input)
    }

    @Test("runs beside work of ours, waits for nobody to read, and is killed when the work fails")
    func besideWork() throws {
        // More than a pipe holds: it is read after the work.
        let result = try shell("head -c 300000 /dev/zero; echo done >&2").run(beside: {})
        #expect(result.output.count == 300_000 && result.errorText == "done")
        #expect(throws: SystemError("work", "here", errno: ENOSPC)) {
            try shell("exec sleep 1000").run(beside: { throw SystemError("work", "here", errno: ENOSPC) })
        }
    }

    @Test("is told apart when a signal ends it")
    func signalled() throws {
        #expect(try shell("kill -TERM $$").run().exit == .signalled(SIGTERM))
    }

    @Test("that does not exist is an error that names it")
    func missing() throws {
        #expect(throws: SystemError("execute", "/nonexistent/program", errno: ENOENT)) {
            try ChildProgram("/nonexistent/program").run()
        }
    }

    @Test("sees exactly the descriptors that it was given")
    func descriptors() throws {
        // 3 is the directory that the listing itself has open.
        let result = try shell("exec ls /proc/self/fd").run()
        #expect(result.text.split(separator: "\n") == ["0", "1", "2", "3"])
    }

    @Test("sees a directory read-only that is not", .enabled(if: geteuid() == 0))
    func readOnlyDirectory() throws {
        var pattern = Array("/tmp/bcvk-spawn-test.XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&pattern))
        let directory = FilePath(String(cString: made))
        defer { try? Files.removeTree(directory) }
        var program = shell("echo x > \(directory)/file")
        program.readOnlyDirectory = directory
        let result = try program.run()
        #expect(result.exit != .exited(0))
        #expect(result.errorText.contains("Read-only"))
        try Files.writeAtomically("y", to: directory.appending("file"))
    }

    @Test("leaves no descriptor open here")
    func noLeaks() throws {
        func open() throws -> Int { try RootDirectory("/proc/self/fd").entries("/").count }
        // Another test in this process may have descriptors open at either moment: only growth by each run is a leak.
        let before = try open()
        for _ in 0..<50 { _ = try shell("true").run() }
        #expect(try open() < before + 50)
    }
}

@Suite("Subordinate ids")
struct SubordinateRangeTests {
    @Test("are found by name or by number")
    func found() {
        let text = "# comment\nother:1:2\nme:100000:65536\n1001:5:6\n"
        #expect(SubordinateRange.find(in: text, user: "me", id: 7) == SubordinateRange(first: 100000, count: 65536))
        #expect(SubordinateRange.find(in: text, user: "you", id: 1001) == SubordinateRange(first: 5, count: 6))
        #expect(SubordinateRange.find(in: text, user: "nobody", id: 8) == nil)
    }
}
