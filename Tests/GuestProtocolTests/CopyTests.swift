import Glibc
import GuestProtocol
import LinuxSystem
import SystemPackage
import Testing

/// Copies from one directory to another, through a file that holds the stream.
@Suite("A copy")
struct CopyTests {
    private let top: FilePath

    init() throws {
        var pattern = Array("/tmp/bcvk-copy.XXXXXX".utf8CString)
        top = FilePath(String(cString: try #require(mkdtemp(&pattern))))
    }

    /// Not by FilePath, which drops a slash at the end.
    private func path(_ name: String) -> String { "\(top)/\(name)" }

    private func copy(_ source: String, to destination: String) throws {
        let stream = open(path("stream"), O_RDWR | O_CREAT | O_TRUNC, 0o600)
        defer { close(stream) }
        var sender = CopySender(stream: stream) { _ in }
        try sender.send(path(source))
        lseek(stream, 0, SEEK_SET)
        var receiver = CopyReceiver(stream: stream)
        try receiver.receive(to: path(destination))
    }

    private func tree() throws {
        try Files.createDirectories(top.appending("from/inner"), mode: 0o755)
        try Files.writeAtomically("content", to: top.appending("from/file"))
        try Files.writeAtomically([UInt8](repeating: 7, count: 200_000), to: top.appending("from/inner/large"))
        try Files.writeAtomically([UInt8](), to: top.appending("from/inner/empty"))
        symlink("../file", path("from/inner/link"))
        chmod(path("from/file"), 0o4751)
        chmod(path("from/inner"), 0o2700)
    }

    private func mode(_ name: String) throws -> UInt32 {
        var status = stat()
        try #require(lstat(path(name), &status) == 0, "\(name)")
        return status.st_mode & 0o7777
    }

    @Test("of a directory keeps content, modes, times and links")
    func directory() throws {
        defer { _ = try? Files.removeTree(top) }
        try tree()
        utimensat(AT_FDCWD, path("from/file"), [timespec(tv_sec: 5, tv_nsec: 6), timespec(tv_sec: 7, tv_nsec: 8)], 0)
        try copy("from", to: "to")
        #expect(try Files.readWhole(top.appending("to/file")) == Array("content".utf8))
        #expect(try Files.readWhole(top.appending("to/inner/large")).count == 200_000)
        #expect(try mode("to/file") == 0o4751 && mode("to/inner") == 0o2700)
        var status = stat()
        lstat(path("to/file"), &status)
        #expect(status.st_mtim.tv_sec == 7 && status.st_mtim.tv_nsec == 8)
        var target = [CChar](repeating: 0, count: 64)
        #expect(readlink(path("to/inner/link"), &target, 63) == 7)
    }

    @Test("goes into a directory that is there, or takes the destination's name")
    func names() throws {
        defer { _ = try? Files.removeTree(top) }
        try tree()
        try Files.createDirectories(top.appending("there"), mode: 0o755)
        try copy("from/file", to: "there")
        try copy("from/file", to: "there/other")
        try copy("from/inner/.", to: "there")
        for name in ["there/file", "there/other", "there/large"] {
            #expect(Files.exists(top.appending(name)), "\(name)")
        }
        #expect(throws: CopyFailure.self) { try copy("from/file", to: "missing/") }
        #expect(throws: CopyFailure.self) { try copy("from/file", to: "missing/name") }
        #expect(throws: CopyFailure.self) { try copy("nothing", to: "there") }
    }

    @Test("does not write through a link that is in its place")
    func links() throws {
        defer { _ = try? Files.removeTree(top) }
        try tree()
        try Files.createDirectories(top.appending("to/from"), mode: 0o755)
        try Files.writeAtomically("mine", to: top.appending("outside"))
        symlink(path("outside"), path("to/from/file"))
        try copy("from", to: "to")
        #expect(try Files.readWhole(top.appending("outside")) == Array("mine".utf8))
        #expect(try Files.readWhole(top.appending("to/from/file")) == Array("content".utf8))
    }

    private func receive(_ entries: [CopyEntry], isFromGuest: Bool = false) throws {
        let stream = open(path("stream"), O_RDWR | O_CREAT | O_TRUNC, 0o600)
        defer { close(stream) }
        var bytes: [UInt8] = []
        for entry in entries { entry.append(to: &bytes) }
        write(stream, bytes, bytes.count)
        lseek(stream, 0, SEEK_SET)
        var receiver = CopyReceiver(stream: stream, isFromGuest: isFromGuest)
        try receiver.receive(to: path("to"))
    }

    @Test("from a guest makes no file that changes the user of whoever executes it")
    func privilegedModes() throws {
        defer { _ = try? Files.removeTree(top) }
        try Files.createDirectories(top.appending("to"), mode: 0o755)
        try receive(
            [.file(attributes("file", mode: 0o6755), size: 0), .enter(attributes("d", mode: 0o3777)), .leave, .end],
            isFromGuest: true)
        #expect(try mode("to/file") == 0o755 && mode("to/d") == 0o1777)
    }

    private func attributes(_ name: String, mode: UInt32 = 0o755) -> CopyAttributes {
        CopyAttributes(name: Array(name.utf8), mode: mode, seconds: 0, nanoseconds: 0)
    }

    @Test("from a hostile sender stays where it was told, and is never taken for whole")
    func hostile() throws {
        defer { _ = try? Files.removeTree(top) }
        try Files.createDirectories(top.appending("to"), mode: 0o755)
        let streams: [[CopyEntry]] = [
            [.enter(attributes("..")), .leave, .end],
            [.enter(attributes("a")), .file(attributes("../b"), size: 0), .leave, .end],
            [
                .enter(attributes("a")), .link(attributes("l"), target: Array("/tmp".utf8)), .enter(attributes("l")),
                .leave,
            ],
            [.leave, .end], [.end], [], [.enter(attributes("a"))], [.enter(attributes("a")), .end],
            [.file(attributes("short"), size: 100), .end],
            [.enter(attributes("a")), .enter(attributes(".")), .leave, .leave, .end],
        ]
        for stream in streams { #expect(throws: CopyFailure.self) { try receive(stream) } }
        #expect(!Files.exists(top.appending("b")))
    }
}
