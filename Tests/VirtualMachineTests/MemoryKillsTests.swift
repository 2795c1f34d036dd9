import Glibc
import LinuxSystem
import SystemPackage
import Testing
import VirtualMachine

@Suite("What the kernel kills for want of memory")
struct MemoryKillsTests {
    @Test("counts for a moment after it was seen, and once")
    func recent() throws {
        var pattern = Array("/tmp/bcvk-kills-test.XXXXXX".utf8CString)
        let top = FilePath(String(cString: try #require(mkdtemp(&pattern))))
        defer { try? Files.removeTree(top) }
        func count(_ kills: Int) throws {
            try Files.writeAtomically("max 41\noom_kill \(kills)\n", to: top.appending("memory.events"))
        }
        try count(3)
        let start = ContinuousClock.now
        var kills = MemoryKills(of: MemoryControlGroup.candidates("0::/\n", mountedAt: top).first)
        var found = [kills.areRecent(at: start)]
        try count(4)
        kills.look(at: start)
        for seconds in [9, 11] { found.append(kills.areRecent(at: start + .seconds(seconds))) }
        try count(5)
        for seconds in [3600, 3611] { found.append(kills.areRecent(at: start + .seconds(seconds))) }
        #expect(found == [false, true, false, true, false])
    }

    @Test("are none where nobody counts")
    func uncounted() {
        var kills = MemoryKills(of: nil)
        let found = kills.areRecent()
        #expect(!found)
    }
}
