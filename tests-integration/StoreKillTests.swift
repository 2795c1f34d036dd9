import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// bcvk and its worker are killed at points that chance chooses: whatever was half done then is never used, and the next run
/// finds its way.
@Suite("A store whose writer is killed", .serialized)
struct StoreKillTests {
    enum Victim: CaseIterable {
        case client, worker
    }

    @Test("is right after the next run", arguments: Host.users, Victim.allCases)
    func killed(user: Host.User, victim: Victim) throws {
        let host = try Host(user, sharesCache: false)
        let image = try StoreImages(host).write("image", StoreImages.stack(files: 1200, bytes: 6000))
        let expected = try host.reference(image)
        let begin = ContinuousClock.now
        _ = try host.pull(image)
        let whole = UInt32(Poller.milliseconds(since: begin))
        let errors = try host.laboratory.directory("errors").appending("stderr")
        for round in 0..<6 {
            if round % 3 == 0 { try Files.removeTree(host.cache.appending("images")) }
            if round % 3 == 0 { #expect(try host.bcvk("images", "prune").exit == .exited(0)) }
            let client = try RunningCommand(host.program(["images", "pull", image]), errorFile: errors)
            usleep(UInt32.random(in: 0...whole) * 1000)
            try kill(victim, of: client, host)
            // Its worker must not go on, or the next run would meet it.
            #expect(try eventually { try host.processes().isEmpty })
            try expectNothingPartial(host, image, expected)
            // Sometimes the next run is killed as well.
            if round % 3 != 0 { try host.expectWhole(image, expected) }
        }
        try host.expectWhole(image, expected)
    }

    private func kill(_ victim: Victim, of client: RunningCommand, _ host: Host) throws {
        switch victim {
        case .client:
            client.process.signal(SIGKILL)
            let end = try client.process.wait()
            #expect(end == .signalled(SIGKILL) || end == .exited(0))
        case .worker:
            if let worker = try host.worker(of: client.process.process) { Glibc.kill(worker, SIGKILL) }
            let end = try client.process.wait()
            let complaint = client.complaint
            #expect(end == .exited(0) || end == .exited(125), "\(complaint)")
            if end == .exited(125) { #expect(complaint.contains("ended with signal 9"), "\(complaint)") }
        }
    }

    /// An image that is listed is whole.
    private func expectNothingPartial(_ host: Host, _ image: String, _ expected: String) throws {
        for listed in try host.bcvk("images", "list", "--json").json().elements {
            let tree = try #require(listed["tree"]?.stringValue)
            try #expect(TreeFingerprint.of(tree) == expected)
        }
    }
}
