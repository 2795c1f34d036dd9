import Glibc
import LinuxSystem
import SystemPackage
import Testing

/// Several runs at once.
@Suite("A store that several use at once", .serialized)
struct StoreConcurrencyTests {
    private let waiting = "waiting for another bcvk that unpacks the same image"

    /// Starts a run and stops its worker in the middle of its work.
    private func startAndStop(_ host: Host, _ image: String, _ errors: FilePath) throws -> (RunningCommand, Int32) {
        let first = try RunningCommand(host.program(["images", "pull", image]), errorFile: errors.appending("first"))
        let begun = try eventually { try host.unfinished().contains { $0.hasPrefix("layer-") } }
        try #require(begun, "\(first.complaint)")
        let worker = try #require(try host.worker(of: first.process.process))
        kill(worker, SIGSTOP)
        return (first, worker)
    }

    private func start(_ count: Int, _ host: Host, _ image: String, _ errors: FilePath) throws -> [RunningCommand] {
        try (0..<count).map { number in
            try RunningCommand(host.program(["images", "pull", image]), errorFile: errors.appending("\(number)"))
        }
    }

    @Test("lets one unpack an image while the others wait and say so", arguments: Host.users)
    func oneWorks(user: Host.User) throws {
        let host = try Host(user, sharesCache: false)
        let image = try StoreImages(host).write("image", StoreImages.stack(files: 2000, bytes: 4000))
        let expected = try host.reference(image)
        let errors = try host.laboratory.directory("errors")
        let (first, worker) = try startAndStop(host, image, errors)
        let others = try start(3, host, image, errors)
        let allWait = try eventually { others.allSatisfy { $0.complaint.contains(waiting) } }
        #expect(allWait)
        // There is one worker, and four who want the image.
        let workers = try ([first] + others).compactMap { try host.worker(of: $0.process.process) }
        #expect(workers == [worker])
        kill(worker, SIGCONT)
        for run in [first] + others {
            #expect(try run.process.wait() == .exited(0), "\(run.complaint)")
        }
        #expect(!first.complaint.contains(waiting))
        try host.expectWhole(image, expected)
    }

    @Test("lets another take over when the one that works is killed")
    func takeOver() throws {
        let host = try Host(sharesCache: false)
        let image = try StoreImages(host).write("image", StoreImages.stack(files: 2000, bytes: 4000))
        let expected = try host.reference(image)
        let errors = try host.laboratory.directory("errors")
        let (first, _) = try startAndStop(host, image, errors)
        let others = try start(3, host, image, errors)
        let allWait = try eventually { others.allSatisfy { $0.complaint.contains(waiting) } }
        #expect(allWait)
        first.process.signal(SIGKILL)
        _ = try first.process.wait()
        for run in others {
            #expect(try run.process.wait() == .exited(0), "\(run.complaint)")
        }
        try host.expectWhole(image, expected)
    }

    @Test("extracts a layer that two images share once")
    func sharedLayer() throws {
        let host = try Host(sharesCache: false)
        let images = try StoreImages(host)
        let stack = try StoreImages.stack(files: 2000, bytes: 4000)
        let one = try images.write("one", stack)
        let two = try images.write("two", stack.dropLast() + [StoreImages.single("two", [1, 2, 3])])
        let expected = try host.reference(two)
        let errors = try host.laboratory.directory("errors")
        let (first, worker) = try startAndStop(host, one, errors)
        let second = try RunningCommand(host.program(["images", "pull", two]), errorFile: errors.appending("second"))
        let hasWorker = try eventually { try host.worker(of: second.process.process) != nil }
        #expect(hasWorker)
        kill(worker, SIGCONT)
        for run in [first, second] {
            #expect(try run.process.wait() == .exited(0), "\(run.complaint)")
        }
        #expect(try RootDirectory(host.cache).entries("layers/sha256").count == 4)
        try #expect(TreeFingerprint.of(try host.pull(two)) == expected)
        #expect(try host.unfinished() == [])
    }

    @Test("removes nothing while somebody unpacks")
    func removal() throws {
        let host = try Host(sharesCache: false)
        let image = try StoreImages(host).write("image", StoreImages.stack(files: 2000, bytes: 4000))
        let expected = try host.reference(image)
        let errors = try host.laboratory.directory("errors")
        let (first, worker) = try startAndStop(host, image, errors)
        let prune = try RunningCommand(
            host.program(["images", "prune", "--all"]), errorFile: errors.appending("prune"))
        let waits = try eventually { prune.complaint.contains("waiting for another bcvk that fetches") }
        #expect(waits)
        kill(worker, SIGCONT)
        #expect(try first.process.wait() == .exited(0))
        #expect(try prune.process.wait() == .exited(0))
        try host.expectWhole(image, expected)
    }
}
