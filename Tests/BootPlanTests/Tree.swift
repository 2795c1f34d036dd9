import Glibc
import LinuxSystem
import SystemPackage
import Testing

/// A tree in a temporary directory, made of paths and texts.
final class Tree {
    let top: FilePath

    init(_ files: [String: String], links: [String: String] = [:]) throws {
        var pattern = Array("/tmp/bcvk-plan-test.XXXXXX".utf8CString)
        top = FilePath(String(cString: try #require(mkdtemp(&pattern))))
        for directory in ["usr", "etc", "dev", "proc", "sys", "run"] {
            try Files.createDirectories(top.appending(directory), mode: 0o755)
        }
        for (path, text) in files {
            let place = top.appending(path)
            try Files.createDirectories(place.removingLastComponent(), mode: 0o755)
            try Files.writeAtomically(text, to: place)
        }
        for (path, target) in links {
            let place = top.appending(path)
            try Files.createDirectories(place.removingLastComponent(), mode: 0o755)
            symlink(target, place.string)
        }
    }

    deinit {
        try? Files.removeTree(top)
    }

    /// The tree is there as long as the body runs; it may end with its last use otherwise.
    func look<Result>(_ body: (RootDirectory) throws -> Result) throws -> Result {
        try withExtendedLifetime(self) { try body(try root) }
    }

    var root: RootDirectory { get throws { try RootDirectory(top) } }
}
