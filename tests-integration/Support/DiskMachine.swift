import LinuxSystem
import QMP
import SystemPackage
import Testing

/// Disks of images, booted: what the tests of all loaders share.
struct DiskMachine {
    let host: Host
    let disk: FilePath

    /// Makes a disk of an image, in a directory of its own.
    init(_ host: Host, _ image: String, _ name: String, _ options: String...) throws {
        self.host = host
        let place = try host.laboratory.directory("disks", mode: 0o755)
        if host.user != .root { _ = try ChildProgram("/bin/chown", [host.user.name, place.string]).run() }
        disk = place.appending(name)
        let result = try host.bcvk(["to-disk"] + options + [try host.laboratory.image(image), disk.string])
        try #require(result.exit == .exited(0), "\(result.story)")
    }

    /// What the disk says that it was made of.
    func origin() throws -> JSONValue {
        try #require(try host.bcvk("disk", "inspect", "--json", disk.string).json()["made_of"])
    }

    /// Boots it, runs a command over ssh when the system is up, and shuts it down.
    /// - Parameter meanwhile: called with the machine's name while it is up.
    func boot(
        _ options: String..., command: String, meanwhile: (String) throws -> Void = { _ in }
    ) throws -> ProgramResult {
        let name = "disk-\(UInt32.random(in: .min ... .max))"
        let started = try host.bcvk(
            ["disk", "run", "--detach", "--name", name, "--memory", "1G"] + options + [disk.string])
        try #require(started.exit == .exited(0), "\(started.story)")
        #expect(started.text == "\(name)\n")
        let result = try host.bcvk("disk", "ssh", "--boot-timeout", "500", name, command)
        try meanwhile(name)
        let stopped = try host.bcvk("disk", "stop", "--timeout", "120", name)
        #expect(stopped.exit == .exited(0) && !stopped.complaint.contains("was ended"), "\(stopped.story)")
        let record = try host.bcvk("ephemeral", "inspect", name).json()
        #expect(record["reason"]?.stringValue == "the guest powered off")
        #expect(try host.bcvk("disk", "rm", name).exit == .exited(0))
        #expect(try host.leftovers() == [])
        return result
    }

    /// What is asked of every system: one line each.
    static let questions = """
        systemctl is-system-running --wait; systemctl --failed --no-legend --plain | wc -l
        findmnt --noheadings --output SOURCE,FSTYPE /
        test -d /sys/firmware/efi && echo uefi || echo bios
        """

    /// Expects the answers of a system that is up, from the partition and by the firmware that it should be.
    static func expectHealthy(
        _ result: ProgramResult, root: String, firmware: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let lines = result.text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            Array(lines.prefix(4)) == ["running", "0", "\(root) ext4", firmware], "\(result.story)",
            sourceLocation: sourceLocation)
    }
}
