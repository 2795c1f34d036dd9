import Glibc
import LinuxSystem
import SystemPackage
import Testing
import VirtualMachine

@Suite("A program")
struct ProgramTests {
    @Test(
        "says its version somewhere",
        arguments: [
            ("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\nCopyright (c) 2003-2022", 7, 2),
            ("QEMU emulator version 10.0.8 (Debian 1:10.0.8+ds-0+deb13u1)", 10, 0),
            ("QEMU emulator version 9.2.4 (qemu-9.2.4-1.fc42)", 9, 2), ("8.1.0", 8, 1), ("8.0.5 (v8.0.5-dirty)", 8, 0),
        ])
    func version(text: String, major: Int, minor: Int) {
        #expect(QEMURelease(in: text) == QEMURelease(major, minor))
    }

    @Test("of no version that can be read has none", arguments: ["", "QEMU emulator", "version x.y", "2022"])
    func noVersion(text: String) {
        #expect(QEMURelease(in: text) == nil)
    }

    @Test("may translate in several threads from 8.1 on")
    func parallel() {
        #expect(!QEMURelease(7, 2).translatesInParallel)
        #expect(!QEMURelease(8, 0).translatesInParallel)
        #expect(QEMURelease(8, 1).translatesInParallel)
        #expect(QEMURelease(10, 0).translatesInParallel)
    }

    @Test("is asked once, until it changes, and again where nothing can be kept")
    func answers() throws {
        var pattern = Array("/tmp/bcvk-program-test.XXXXXX".utf8CString)
        let place = FilePath(String(cString: try #require(mkdtemp(&pattern))))
        defer { try? Files.removeTree(place) }
        let program = place.appending("program")
        let log = place.appending("log")
        func write(_ word: String, exit code: Int = 0) throws {
            // Its size differs each time, whatever the clock's steps are.
            try Files.writeAtomically("#!/bin/sh\necho asked >>\(log)\necho \(word) $1\nexit \(code)\n", to: program)
            chmod(program.string, 0o755)
        }
        func asked() throws -> Int { try Files.readIfPresent(log)?.filter { $0 == UInt8(ascii: "\n") }.count ?? 0 }
        let answers = ProgramAnswers(cache: place.appending("cache"))
        func ask(_ word: String) throws -> String { try ProgramAnswers.answer(of: program, to: word, kept: answers) }
        try write("one")
        #expect(try ask("--help") == "one --help\n")
        #expect(try ask("--help") == "one --help\n")
        #expect(try asked() == 1)
        #expect(try ask("--version") == "one --version\n")
        #expect(try asked() == 2)
        try write("another")
        #expect(try ask("--help") == "another --help\n")
        #expect(try asked() == 3)
        // A failure is none to be kept.
        try write("broken", exit: 3)
        for _ in 0..<2 { #expect(try ask("--help") == "broken --help\n") }
        #expect(try asked() == 5)
        let nowhere = ProgramAnswers(cache: "/proc/nowhere")
        for _ in 0..<2 { #expect(try ProgramAnswers.answer(of: program, to: "-x", kept: nowhere) == "broken -x\n") }
        #expect(try asked() == 7)
    }
}
