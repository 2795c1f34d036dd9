import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

// What a test of the store asks of a host.
extension Host {
    /// Those that the store's tests are repeated for.
    static var users: [User] { geteuid() == 0 ? [.root, .ordinary] : [.root] }

    /// Pulls an image, which must work, and returns the path of its tree.
    func pull(_ image: String, _ options: String...) throws -> String {
        try #require(try bcvk(["images", "pull", "--json"] + options + [image]).json()["tree"]?.stringValue)
    }

    /// The fingerprint of an image as a cache of its own has it, in which nothing went wrong.
    func reference(_ image: String) throws -> String {
        try TreeFingerprint.of(try Host(user, sharesCache: false).pull(image))
    }

    /// Expects that the cache has this image only, whole, with nothing unfinished beside it.
    /// - Parameter mayRepair: whether layers may have been lost with which the tree was made.
    func expectWhole(
        _ image: String, _ fingerprint: String, mayRepair: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let tree = try pull(image)
        try #expect(TreeFingerprint.of(tree) == fingerprint, sourceLocation: sourceLocation)
        try #expect(unfinished() == [], sourceLocation: sourceLocation)
        var states = ["whole"]
        if mayRepair { states.append("repaired") }
        let check = try bcvk("images", "check", image)
        #expect(check.exit == .exited(0), "\(check.story)", sourceLocation: sourceLocation)
        #expect(
            states.contains { check.text == "\($0)  \(image)\n" }, "\(check.story)", sourceLocation: sourceLocation)
    }

    /// What work that did not come to its end has left in the cache.
    func unfinished() throws -> [String] {
        Files.exists(cache.appending("tmp")) ? try RootDirectory(cache).entries("tmp").map(\.name) : []
    }

    /// The processes of which the environment names this cache: bcvk, its workers, and programs that it has started.
    func processes() throws -> [Int32] {
        try RootDirectory("/proc").entries("/").compactMap { entry in
            guard let process = Int32(entry.name), process != getpid(),
                let variables = try? Files.readWhole(FilePath("/proc/\(process)/environ")),
                String(decoding: variables, as: UTF8.self).contains("BCVK_CACHE=\(cache)\0")
            else { return nil }
            return process
        }
    }

    /// The worker of a bcvk; nil while there is none.
    func worker(of client: Int32) throws -> Int32? {
        try processes().first { process in
            guard let status = try? Files.readWhole(FilePath("/proc/\(process)/stat")),
                let words = try? Files.readWhole(FilePath("/proc/\(process)/cmdline"))
            else { return false }
            // The parent is the second field after the name, which may hold anything (proc(5)).
            let fields = String(decoding: status, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && Int32(fields[1]) == client
                && String(decoding: words, as: UTF8.self).contains("unpack")
        }
    }
}

/// Waits for a fact that another process brings about; false when it has not come about after so many seconds.
func eventually(seconds: Int = 20, _ fact: () throws -> Bool) throws -> Bool {
    for _ in 0..<(seconds * 100) {
        if try fact() { return true }
        usleep(10_000)
    }
    return try fact()
}

/// A program that runs beside the test, with its standard error in a file.
final class RunningCommand {
    let process: RunningProgram
    private let errorFile: FilePath

    init(_ program: ChildProgram, errorFile: FilePath) throws {
        self.errorFile = errorFile
        let null = try OwnedDescriptor(opening: "/dev/null", .readWrite)
        let error = try OwnedDescriptor(opening: errorFile, .writeOnly, options: [.create, .truncate, .append])
        process = try program.start(descriptors: [null.raw, null.raw, error.raw])
    }

    /// What it has said on standard error so far.
    var complaint: String {
        do {
            return String(decoding: try Files.readWhole(errorFile), as: UTF8.self)
        } catch {
            return "\(error)"
        }
    }

    /// Ends it, if a failed expectation has left it running.
    deinit {
        if (try? process.poll()) == .some(nil) {
            process.signal(SIGKILL)
            _ = try? process.wait()
        }
    }
}
