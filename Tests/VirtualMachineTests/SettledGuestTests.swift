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
        var pattern = Array("/tmp/bcvk-settle-test.XXXXXX".utf8CString)
        let top = FilePath(String(cString: try #require(mkdtemp(&pattern))))
        defer { try? Files.removeTree(top) }
        let calls = top.appending("calls")
        for name in ["systemctl", "sync"] {
            try Files.writeAtomically(
                "#!/bin/sh\necho \"${0##*/} $*\" >> \(calls)\n", to: top.appending(name), mode: 0o755)
        }
        let user = try #require(getpwuid(getuid()).pointee.pw_name.map { String(cString: $0) })
        let shell = try #require(getpwuid(getuid()).pointee.pw_shell.map { FilePath(String(cString: $0)) })
        let command = SettledGuest.request(user: user).arguments
        let result = try ChildProgram("/usr/bin/env", ["PATH=\(top):/usr/bin:/bin"] + command).run()
        #expect(result.exit == .exited(0), "\(result.errorText)")
        #expect(try Files.readWhole(calls) == Array("systemctl is-system-running --wait\nsync \n".utf8))
        for file in [shell, "/lib/x86_64-linux-gnu/libc.so.6"] {
            let content = try Files.readWhole(file)
            #expect(result.output.firstRange(of: content) != nil, "\(file)")
        }
    }
}
