import BootPlan
import Glibc
import GuestProtocol
import LinuxSystem
import SystemPackage
import Testing

@Suite("the linker's cache")
struct LibraryCacheTests {
    @Test("a library is where its version's link leads, but not where an alternative does")
    func alternatives() throws {
        let tree = try Tree(
            ["usr/lib/a.so.1.2": "a", "usr/lib/atlas/b.so.3": "b"],
            links: ["lib": "usr/lib", "usr/lib/a.so.1": "a.so.1.2", "usr/lib/b.so.3": "/etc/alternatives/b"])
        try Files.writeAtomically(
            Self.cache(["/lib/a.so.1", "/lib/b.so.3"]), to: tree.top.appending("etc/ld.so.cache"))
        let file = try #require(try tree.look { try LibraryCache.file(in: $0) })
        guard case .bytes(let bytes) = file.content else { return #expect(Bool(false), "not a file") }
        #expect(Self.paths(of: bytes) == ["/usr/lib/a.so.1.2", "/usr/lib/b.so.3"])
    }

    @Test("the linker's cache leads to real files, and is left alone where it does or is none")
    func libraries() throws {
        let paths = ["/lib/a.so.1", "/usr/lib/b.so"]
        let bytes = Self.cache(paths)
        let resolved = try #require(
            LibraryCache.resolved(bytes) { $0 == paths[0] ? "/usr/lib/a.so.1.2" : $0 })
        #expect(Self.paths(of: resolved) == ["/usr/lib/a.so.1.2", paths[1]])
        #expect(LibraryCache.resolved(bytes) { $0 } == nil)
        #expect(LibraryCache.resolved(bytes) { _ in nil } == nil)
        for length in 0..<bytes.count {
            // Cut off anywhere: no harm, and no other file than those that were meant.
            let cut = LibraryCache.resolved(Array(bytes[..<length])) { _ in "/x" }
            #expect(cut == nil || Self.paths(of: cut ?? []).allSatisfy { $0 == "/x" })
        }
    }

    /// A cache as ldconfig writes it, of these libraries.
    private static func cache(_ paths: [String]) -> [UInt8] {
        var bytes = Array("glibc-ld.so.cache1.1".utf8) + number(paths.count)
        bytes += [UInt8](repeating: 0, count: 48 - bytes.count)
        var strings: [UInt8] = []
        let start = 48 + 24 * paths.count
        for path in paths {
            bytes += number(0x303) + number(start + strings.count) + number(start + strings.count)
            bytes += [UInt8](repeating: 0, count: 12)
            strings += Array(path.utf8) + [0]
        }
        return bytes + strings
    }

    private static func paths(of cache: [UInt8]) -> [String] {
        func number(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(cache[offset + $1]) << (8 * $1) } }
        return (0..<number(20)).map { index in
            String(decoding: cache[number(48 + 24 * index + 8)...].prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private static func number(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
