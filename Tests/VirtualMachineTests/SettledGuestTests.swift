import Glibc
import GuestProtocol
import LinuxSystem
import SystemPackage
import Testing
import VirtualMachine

@Suite("What is done before a guest is saved")
struct SettledGuestTests {
    @Test("waits for the boot, and reads the user's shell with its libraries")
    func script() throws {
        let (result, calls) = try run(systemctl: "")
        #expect(calls == "systemctl is-system-running --wait\nsync \n")
        try expectRead(result)
    }

    @Test("reads them too where the boot has no end and the wait is ended")
    func endless() throws {
        let (result, calls) = try run(systemctl: "kill -TERM 0; sleep 600")
        #expect(calls == "systemctl is-system-running --wait\nsync \n")
        try expectRead(result)
    }

    private func expectRead(_ result: ProgramResult) throws {
        let shell = try #require(getpwuid(getuid()).pointee.pw_shell.map { FilePath(String(cString: $0)) })
        for file in [shell, "/lib/x86_64-linux-gnu/libc.so.6"] {
            let content = try Files.readWhole(file)
            #expect(result.output.firstRange(of: content) != nil, "\(file)")
        }
    }

    /// Runs the script in a process group of its own.
    /// - Parameter systemctl: what is done in the place of systemctl.
    /// - Returns: how it went, and the calls of what it calls.
    private func run(systemctl: String) throws -> (ProgramResult, calls: String) {
        var pattern = Array("/tmp/bcvk-settle-test.XXXXXX".utf8CString)
        let top = FilePath(String(cString: try #require(mkdtemp(&pattern))))
        defer { try? Files.removeTree(top) }
        let calls = top.appending("calls")
        for (name, body) in [("systemctl", systemctl), ("sync", "")] {
            try Files.writeAtomically(
                "#!/bin/sh\necho \"${0##*/} $*\" >> \(calls)\n\(body)\n", to: top.appending(name), mode: 0o755)
        }
        let user = try #require(getpwuid(getuid()).pointee.pw_name.map { String(cString: $0) })
        var program = ChildProgram(
            "/usr/bin/env", ["PATH=\(top):/usr/bin:/bin"] + SettledGuest.request(user: user).arguments)
        program.newProcessGroup = true
        let result = try program.run()
        #expect(result.exit == .exited(0), "\(result.errorText)")
        return (result, String(decoding: try Files.readWhole(calls), as: UTF8.self))
    }
}
