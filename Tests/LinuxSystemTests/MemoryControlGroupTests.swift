import Glibc
import LinuxSystem
import SystemPackage
import Testing

@Suite("A control group's memory")
struct MemoryControlGroupTests {
    private func withGroups(_ body: (FilePath) throws -> Void) throws {
        var pattern = Array("/tmp/bcvk-cgroup-test.XXXXXX".utf8CString)
        let top = FilePath(String(cString: try #require(mkdtemp(&pattern))))
        defer { try? Files.removeTree(top) }
        try body(top)
    }

    @Test("is counted by the second version where that has it")
    func second() throws {
        try withGroups { top in
            try Files.createDirectories(top.appending("user.slice/a:b"))
            let group = top.appending("user.slice/a:b")
            try Files.writeAtomically(
                "low 0\nhigh 0\nmax 41\noom 3\noom_kill 2\noom_group_kill 0\n", to: group.appending("memory.events"))
            try Files.writeAtomically("230686720\n", to: group.appending("memory.max"))
            let found = MemoryControlGroup.candidates("0::/user.slice/a:b\n", mountedAt: top)
            #expect(found.map(\.kills) == [2])
            #expect(found.map(\.limit) == [230_686_720])
            try Files.writeAtomically("max\n", to: group.appending("memory.max"))
            #expect(found[0].limit == nil)
            // One above may have less.
            try Files.writeAtomically("115343360\n", to: top.appending("user.slice/memory.max"))
            #expect(found[0].limit == 115_343_360)
        }
    }

    @Test("is counted by the first version where that has it")
    func first() throws {
        try withGroups { top in
            let group = top.appending("memory/box")
            try Files.createDirectories(group)
            try Files.writeAtomically(
                "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n", to: group.appending("memory.oom_control"))
            try Files.writeAtomically("9223372036854771712\n", to: group.appending("memory.limit_in_bytes"))
            let found = MemoryControlGroup.candidates("9:name=systemd:/\n4:cpu,memory:/box\n0::/\n", mountedAt: top)
            #expect(found.map(\.kills) == [7, nil])
            #expect(found[0].limit == nil)
        }
    }

    @Test("is nobody's where the text says nothing", arguments: ["", "x", "1:cpu:/a", "0::relative"])
    func none(text: String) {
        #expect(MemoryControlGroup.candidates(text).isEmpty)
    }
}
