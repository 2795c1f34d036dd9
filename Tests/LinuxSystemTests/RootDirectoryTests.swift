import Glibc
import LinuxSystem
import SystemPackage
import Testing

@Suite("A directory with content that nobody vouches for")
struct RootDirectoryTests {
    /// A tree with links of all kinds, and something beside it that nobody may reach.
    private final class Tree {
        let top: FilePath
        let root: RootDirectory

        init() throws {
            var pattern = Array("/tmp/bcvk-root-test.XXXXXX".utf8CString)
            top = FilePath(String(cString: try #require(mkdtemp(&pattern))))
            let path = top.appending("root")
            try Files.createDirectories(path.appending("etc"))
            try Files.writeAtomically("outside", to: top.appending("secret"))
            try Files.writeAtomically("inside", to: path.appending("etc/file"))
            symlink("/etc/file", path.appending("absolute").string)
            symlink("../../../../secret", path.appending("escape").string)
            symlink("etc", path.appending("directory-link").string)
            mkfifo(path.appending("fifo").string, 0o600)
            root = try RootDirectory(path)
        }

        deinit {
            try? Files.removeTree(top)
        }
    }

    @Test("resolves absolute links inside itself")
    func absoluteLinks() throws {
        let tree = try Tree()
        let root = tree.root
        #expect(try root.readFile("/absolute") == Array("inside".utf8))
        #expect(try root.readFile("directory-link/file") == Array("inside".utf8))
        #expect(try root.linkTarget("absolute") == "/etc/file")
    }

    @Test("lets no link out")
    func escape() throws {
        let tree = try Tree()
        let root = tree.root
        #expect(throws: SystemError.self) { try root.readFile("escape") }
        #expect(try root.readFileIfPresent("../secret") == nil)
    }

    @Test("opens neither FIFOs nor directories as files", .timeLimit(.minutes(1)))
    func specialFiles() throws {
        let tree = try Tree()
        let root = tree.root
        #expect(throws: SystemError.self) { try root.readFile("fifo") }
        #expect(throws: SystemError.self) { try root.readFile("etc") }
    }

    @Test("tells absence from failure")
    func absence() throws {
        let tree = try Tree()
        let root = tree.root
        #expect(try root.readFileIfPresent("etc/nothing") == nil)
        #expect(try root.readFileIfPresent("etc/file/below") == nil)
        #expect(try root.entries("nothing").isEmpty)
        #expect(try root.status("nothing") == nil)
        #expect(throws: SystemError.self) { try root.readFile("etc/file", limit: 3) }
    }

    @Test("lists names in byte order with their kinds")
    func entries() throws {
        let tree = try Tree()
        let root = tree.root
        let names = try root.entries("/").map { "\($0.name):\($0.kind)" }
        #expect(
            names == [
                "absolute:symbolicLink", "directory-link:symbolicLink", "escape:symbolicLink", "etc:directory",
                "fifo:fifo",
            ])
    }
}
