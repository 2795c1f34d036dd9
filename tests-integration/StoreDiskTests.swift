import Glibc
import LinuxSystem
import SystemPackage
import Testing

/// The disk is full, or somebody removes what the store has.
@Suite("A store whose disk", .serialized)
struct StoreDiskTests {
    private func limits(_ size: Int, _ inodes: Int) -> String { "remount,size=\(size)k,nr_inodes=\(inodes)" }

    /// A file system of this test's own in the place of the host's cache, with room for nothing yet.
    private func smallDisk(_ host: Host) throws -> MountNamespace {
        let owner = getpwnam(host.user.name).map { $0.pointee.pw_uid } ?? 0
        return try MountNamespace("mount -t tmpfs -o size=64k,mode=700,uid=\(owner) tmpfs '\(host.cache)'")
    }

    @Test(
        "is full says so, leaves nothing, and goes on when there is room",
        .enabled(if: geteuid() == 0), arguments: Host.users)
    func full(user: Host.User) throws {
        let host = try Host(user, sharesCache: false)
        let image = try StoreImages(host).write("image", StoreImages.stack(files: 1000, bytes: 8000))
        let expected = try host.reference(image)
        let disk = try smallDisk(host)
        var failures = 0
        // The whole takes about 14 MB and 1800 inodes.
        for (size, inodes) in [
            (8, 5), (64, 12), (400, 3000), (3000, 3000), (9000, 3000), (11000, 3000), (13000, 3000), (13500, 3000),
            (40000, 900), (40000, 1300), (40000, 1560),
        ] {
            try disk.run("mount -o \(limits(size, inodes)) '\(host.cache)'")
            let result = try disk.inside(host.program(["images", "pull", image])).run()
            if result.exit == .exited(0) { continue }
            failures += 1
            #expect(result.exit == .exited(125), "\(result.story)")
            #expect(result.output.isEmpty)
            let lines = result.complaint.split(separator: "\n")
            #expect(lines.count == 2 && lines[0].contains("No space left on device"), "\(result.story)")
            #expect(lines.last?.hasPrefix("  hint: free some space") == true, "\(result.story)")
            #expect(try disk.run("ls -A '\(host.cache)/tmp' 2>/dev/null || true") == "")
            #expect(try disk.run("ls -A '\(host.cache)/images' 2>/dev/null || true") == "")
            // What would be left is what makes the next attempt fail too.
            try disk.run("rm -rf '\(host.cache)'/*")
        }
        #expect(failures >= 8)
        try disk.run("mount -o \(limits(60000, 6000)) '\(host.cache)'")
        let pulled = try disk.inside(host.program(["images", "pull", image])).run()
        #expect(pulled.exit == .exited(0), "\(pulled.story)")
        #expect(try disk.run("\(TreeFingerprint.script)", ["\(host.cache)/trees/*/root"]) == expected)
    }

    @Test("loses the cache between two runs gets everything again", arguments: Host.users)
    func vanished(user: Host.User) throws {
        let host = try Host(user, sharesCache: false)
        let image = try StoreImages(host).write("image", StoreImages.stack(files: 200, bytes: 2000))
        let expected = try host.reference(image)
        for part in ["trees", "layers", "images", "locks", "tmp", "derived", "blobs", "layers/sha256", ""] {
            _ = try host.pull(image)
            try Files.removeTree(part.isEmpty ? host.cache : host.cache.appending(part))
            if part.isEmpty { try remake(host) }
            try host.expectWhole(image, expected, mayRepair: part.hasPrefix("layers"))
            try host.expectWhole(image, expected)
        }
    }

    @Test("loses the cache during a run fails in words, and the next run works", arguments: Host.users)
    func vanishing(user: Host.User) throws {
        let host = try Host(user, sharesCache: false)
        let image = try StoreImages(host).write("image", StoreImages.stack(files: 1000, bytes: 4000))
        let expected = try host.reference(image)
        let errors = try host.laboratory.directory("errors").appending("stderr")
        for part in ["tmp", "layers", "locks", ""] {
            let client = try RunningCommand(host.program(["images", "pull", image]), errorFile: errors)
            let begun = try eventually { try host.unfinished().contains { $0.hasPrefix("layer-") } }
            #expect(begun)
            // The worker adds to what is being removed.
            let gone = part.isEmpty ? host.cache : host.cache.appending(part)
            _ = try ChildProgram("/bin/rm", ["-rf", gone.string]).run()
            let end = try client.process.wait()
            let complaint = client.complaint
            #expect(end == .exited(0) || end == .exited(125), "\(end) \(complaint)")
            #expect(!complaint.contains("Fatal error"), "\(complaint)")
            if end == .exited(125) { #expect(complaint.split(separator: "\n").count <= 2, "\(complaint)") }
            if part.isEmpty {
                try Files.removeTree(host.cache)
                try remake(host)
            }
            try host.expectWhole(image, expected)
            try Files.removeTree(host.cache)
            try remake(host)
        }
    }

    /// The directory in which an ordinary user's cache is belongs to root here.
    private func remake(_ host: Host) throws {
        try Files.createDirectories(host.cache)
        let result = try ChildProgram("/bin/chown", [host.user.name, host.cache.string]).run()
        try #require(geteuid() != 0 || result.exit == .exited(0))
    }
}
