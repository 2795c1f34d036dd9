import Glibc
import LinuxSystem
import SystemPackage
import Testing

@Suite("A directory with content that nobody vouches for")
struct RootDirectoryTests {
    private func withTree(_ body: (RootDirectory, FilePath) throws -> Void) throws {
        var pattern = Array("/tmp/bcvk-root-test.XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&pattern))
        let top = FilePath(String(cString: made))
        defer { try? Files.removeTree(top) }
        let root = top.appending("root")
        try Files.createDirectories(root.appending("etc"))
        try Files.writeAtomically("outside", to: top.appending("secret"))
        try Files.writeAtomically("inside", to: root.appending("etc/file"))
        symlink("/etc/file", root.appending("absolute").string)
        symlink("../../../../secret", root.appending("escape").string)
        symlink("etc", root.appending("directory-link").string)
        mkfifo(root.appending("fifo").string, 0o600)
        try body(try RootDirectory(root), top)
    }

    @Test("resolves absolute links inside itself")
    func absoluteLinks() throws {
        try withTree { root, _ in
            #expect(try root.readFile("/absolute") == Array("inside".utf8))
            #expect(try root.readFile("directory-link/file") == Array("inside".utf8))
            #expect(try root.linkTarget("absolute") == "/etc/file")
        }
    }

    @Test("lets no link out")
    func escape() throws {
        try withTree { root, _ in
            #expect(throws: SystemError.self) { try root.readFile("escape") }
            #expect(try root.readFileIfPresent("../secret") == nil)
        }
    }

    @Test("opens neither FIFOs nor directories as files", .timeLimit(.minutes(1)))
    func specialFiles() throws {
        try withTree { root, _ in
            #expect(throws: SystemError.self) { try root.readFile("fifo") }
            #expect(throws: SystemError.self) { try root.readFile("etc") }
        }
    }

    @Test("tells absence from failure")
    func absence() throws {
        try withTree { root, _ in
            #expect(try root.readFileIfPresent("etc/nothing") == nil)
            #expect(try root.readFileIfPresent("etc/file/below") == nil)
            #expect(try root.entries("nothing").isEmpty)
            #expect(try root.status("nothing") == nil)
            #expect(throws: SystemError.self) { try root.readFile("etc/file", limit: 3) }
        }
    }

    @Test("lists names in byte order with their kinds")
    func entries() throws {
        try withTree { root, _ in
            let names = try root.entries("/").map { "\($0.name):\($0.kind)" }
            #expect(
                names == [
                    "absolute:symbolicLink", "directory-link:symbolicLink", "escape:symbolicLink", "etc:directory",
                    "fifo:fifo",
                ])
        }
    }
}
