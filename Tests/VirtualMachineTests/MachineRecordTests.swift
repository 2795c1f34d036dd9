import FoundationEssentials
import LinuxSystem
import SystemPackage
import Testing
import VirtualMachine

@Suite("A machine's record")
struct MachineRecordTests {
    private let directory = MachineDirectory("/nonexistent/box")

    private func read(_ text: String) throws -> MachineRecord {
        try MachineRecord(reading: Array(text.utf8), in: directory)
    }

    @Test("of an older bcvk is read as far as it goes")
    func older() throws {
        let record = try read(
            #"{"version": 1, "name": "other", "image": "oci:x", "state": "running", "ssh_port": 4022}"#)
        #expect(record.name == "box" && record.directory == "/nonexistent/box")
        #expect(record.image == "oci:x" && record.state == .running && record.sshPort == 4022)
        #expect(record.labels == [:] && record.accelerator == nil && record.guest == GuestReadiness())
        #expect(!record.isForeign)
    }

    @Test("of a newer bcvk is read as far as it is understood")
    func newer() throws {
        let record = try read(
            """
            {"version": 2, "state": "migrating", "accelerator": "hvf", "ports": "many", "created_at": "2031-01-01T00:00:00Z",
             "guest": {"agent": true, "mood": "good"}, "network": {"kind": "bridge"}, "vcpus": 3}
            """)
        #expect(record.isForeign)
        #expect(record.state == .unknown && record.accelerator == nil && record.ports == [])
        #expect(record.createdAt == "2031-01-01T00:00:00Z" && record.processors == 3)
        #expect(record.guest.agent && !record.guest.boot)
        // What it shows can be read again.
        #expect(try read(String(decoding: JSONText.encode(record), as: UTF8.self)) == record)
    }

    @Test("that is none is named", arguments: ["", "{", "[]", "null", "\"machine\"", "\u{0}"])
    func none(text: String) throws {
        #expect(throws: MachineError.recordUnreadable("box")) { try read(text) }
    }

    @Test("that cannot be read keeps no other machine from being listed, and can be removed")
    func registry() throws {
        let place = FilePath("/tmp/bcvk-registry-\(UInt32.random(in: .min ... .max))")
        try Files.createDirectories(place)
        defer { try? Files.removeTree(place) }
        let registry = MachineRegistry(directory: place)
        for (name, text) in [("broken", "?"), ("early", #"{"state": "exited"}"#), ("late", #"{"version": 9}"#)] {
            try Files.createDirectories(place.appending(name))
            try Files.writeAtomically(text, to: place.appending(name).appending("machine.json"))
        }
        let (records, unreadable) = try registry.machines()
        #expect(records.map(\.name).sorted() == ["early", "late"] && unreadable == ["broken"])
        // Nobody holds it, so it does not run, whatever the word for that may be.
        #expect(records.first { $0.name == "late" }?.state == .failed)
        #expect(throws: MachineError.recordUnreadable("broken")) { try registry.find("broken") }
        let control = MachineControl(registry)
        #expect(throws: MachineError.recordUnreadable("broken")) { try control.remove("broken", force: false) }
        for name in ["broken", "early", "late"] { try control.remove(name, force: true) }
        #expect(try registry.machines().records.isEmpty && registry.machines().unreadable.isEmpty)
    }
}
