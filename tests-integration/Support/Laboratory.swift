import Glibc
import LinuxSystem
import Synchronization
import SystemPackage
import Testing

/// What the integration tests need of this machine: the built program, images, a cache and a state directory of their own.
struct Laboratory: Sendable {
    /// A directory with copies of bcvk and bcvk-guest that any user may execute.
    let programs: FilePath
    /// Where contrib/images/build puts its images.
    let images: FilePath
    /// The directory of the tools that make images.
    let recipes: FilePath
    /// Everything that the tests write is below it; it goes when the tests have ended.
    let scratch: FilePath

    /// Set up once for the whole run.
    static let shared: Result<Laboratory, any Error> = Result { try Laboratory() }

    private init() throws {
        guard let images = getenv("BCVK_TEST_IMAGES") else {
            throw Missing("BCVK_TEST_IMAGES: the directory of the test images")
        }
        self.images = FilePath(String(cString: images))
        recipes = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .appending("contrib/images")
        let place = getenv("BCVK_TEST_SCRATCH").map { String(cString: $0) } ?? "/tmp"
        var pattern = Array("\(place)/bcvk.XXXXXX".utf8CString)
        guard let made = mkdtemp(&pattern) else { throw SystemError("create a directory in", place) }
        scratch = FilePath(String(cString: made))
        chmod(scratch.string, 0o755)
        programs = scratch.appending("bin")
        try Files.createDirectories(programs, mode: 0o755)
        guard let variable = getenv("BCVK_TEST_PROGRAMS") else {
            throw Missing("BCVK_TEST_PROGRAMS: the directory of bcvk and bcvk-guest")
        }
        let built = FilePath(String(cString: variable))
        for name in ["bcvk", "bcvk-guest"] {
            let result = try ChildProgram("/bin/cp", [built.appending(name).string, programs.appending(name).string])
                .run()
            guard result.exit == .exited(0) else { throw Missing("\(name) in \(built): \(result.errorText)") }
            chmod(programs.appending(name).string, 0o755)
        }
        let top = scratch.string
        removeAtExit.withLock { $0.append(top) }
        atexit { removeEverything() }
    }

    /// The archive of an image, where every user can read it.
    func archive(_ name: String) throws -> FilePath {
        let path = images.appending("\(name).oci.tar")
        guard Files.exists(path) else { throw Missing("\(path): contrib/images/build \(name)") }
        let place = scratch.appending("\(name).oci.tar")
        if Files.exists(place) { return place }
        let result = try ChildProgram("/bin/cp", ["--reflink=auto", path.string, place.string]).run()
        guard result.exit == .exited(0) else { throw Missing("a copy of \(path): \(result.errorText)") }
        chmod(place.string, 0o644)
        return place
    }

    /// An image, as bcvk's IMAGE argument.
    func image(_ name: String) throws -> String {
        "oci-archive:\(try archive(name))"
    }

    /// A new empty directory below the scratch directory.
    func directory(_ name: String, mode: UInt32 = 0o700) throws -> FilePath {
        let path = scratch.appending("\(name)-\(UInt32.random(in: .min ... .max))")
        try Files.createDirectories(path, mode: mode)
        return path
    }
}

/// Something that the tests need is not there: the run fails rather than to leave tests out silently.
struct Missing: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = "missing: \(description)" }
}

private let removeAtExit = Mutex<[String]>([])

private func removeEverything() {
    for path in removeAtExit.withLock({ $0 }) {
        // Trees of an ordinary user belong to its sub-ids; the tests that make them run as root and may remove them.
        _ = try? ChildProgram("/bin/rm", ["-rf", path]).run()
    }
}
