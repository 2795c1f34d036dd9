import BootPlan
import DiskImage
import LinuxSystem
import SystemPackage
import Testing

/// Small trees in a scratch directory, and what they lack on a disk.
@Suite("What a disk's system needs")
struct SystemChangesTests {
    /// A tree of these files; a content that begins with `->` is a link.
    private func withTree<Result>(
        _ files: [String: String], _ body: (RootDirectory) throws -> Result
    ) throws -> Result {
        let top = FilePath("/tmp/bcvk-disk-tests-\(UInt32.random(in: .min ... .max))")
        defer { try? Files.removeTree(top) }
        for directory in ["usr/lib/systemd/system", "etc/systemd/system", "dev", "proc", "sys", "run", "sbin"] {
            try Files.createDirectories(top.appending(directory), mode: 0o755)
        }
        try Files.writeAtomically("", to: top.appending("sbin/init"))
        for (path, text) in files.sorted(by: { $0.key < $1.key }) {
            let place = top.appending(path)
            try Files.createDirectories(place.removingLastComponent(), mode: 0o755)
            if text.hasPrefix("->") {
                _ = try ChildProgram("/bin/ln", ["-s", String(text.dropFirst(2)), place.string]).run()
            } else {
                try Files.writeAtomically(text, to: place, mode: 0o644)
            }
        }
        return try body(try RootDirectory(top))
    }

    private func plan(
        _ files: [String: String], keys: [String] = [], _ change: (inout SystemChanges.Request) -> Void = { _ in }
    ) throws -> SystemChanges {
        try withTree(files) { tree in
            var request = SystemChanges.Request(
                rootSource: "UUID=r", fileSystem: .ext4, efiSource: "UUID=E", authorizedKeys: keys, hostname: nil,
                isOptimized: false, grows: false)
            change(&request)
            return try SystemChanges.plan(tree, facts: try SystemFacts(tree), request)
        }
    }

    private func text(_ path: String, in changes: SystemChanges) -> String? {
        for case .file(path, let bytes, _) in changes.changes { return String(decoding: bytes, as: UTF8.self) }
        return nil
    }

    @Test("is an fstab by UUID, without the image's disks but with its other lines")
    func fstab() throws {
        let old = "# c\nLABEL=x / xfs defaults 0 0\ntmpfs /tmp tmpfs defaults 0 0\n"
        #expect(
            text("/etc/fstab", in: try plan(["etc/fstab": old])) == """
                UUID=r / ext4 noatime 0 1
                UUID=E /boot/efi vfat umask=0077,noauto,x-systemd.automount,nofail 0 0
                tmpfs /tmp tmpfs defaults 0 0

                """)
    }

    @Test("is an fstab with what was asked for")
    func fstabOptions() throws {
        let changes = try plan(["usr/bin/growpart": ""]) {
            $0.isOptimized = true
            $0.grows = true
            $0.efiSource = nil
        }
        #expect(text("/etc/fstab", in: changes) == "UUID=r / ext4 noatime,data=writeback,x-systemd.growfs 0 1\n")
    }

    @Test("is an empty machine-id, which makes no first boot of it")
    func machineID() throws {
        #expect(text("/etc/machine-id", in: try plan([:])) == "")
        #expect(text("/etc/machine-id", in: try plan(["etc/machine-id": "uninitialized\n"])) == "")
        #expect(text("/etc/machine-id", in: try plan(["etc/machine-id": ""])) == nil)
    }

    @Test("is nothing of a container")
    func leftovers() throws {
        let changes = try plan([".dockerenv": "", "run/.containerenv": ""]).changes
        #expect(changes.contains(.removal("/.dockerenv")))
        #expect(changes.contains(.removal("/run/.containerenv")))
    }

    @Test("is a key in root's home, wherever that is")
    func keys() throws {
        let files = ["root": "->var/roothome", "etc/passwd": "root:x:0:0::/root:/bin/sh\n", "usr/sbin/sshd": ""]
        let changes = try plan(files, keys: ["ssh-ed25519 A"])
        #expect(text("/var/roothome/.ssh/authorized_keys", in: changes) == "ssh-ed25519 A\n")
        let made = changes.changes.compactMap { change -> String? in
            if case .directory(let path, _) = change { path } else { nil }
        }
        #expect(made.filter { $0.hasPrefix("/var") } == ["/var", "/var/roothome", "/var/roothome/.ssh"])
    }

    @Test("is DHCP by networkd only where the image configures nothing")
    func network() throws {
        let unit = "usr/lib/systemd/system/systemd-networkd.service"
        let wanted = "etc/systemd/system/multi-user.target.wants/systemd-networkd.service"
        let file = "/etc/systemd/network/80-bcvk-dhcp.network"
        #expect(text(file, in: try plan([unit: "", wanted: "->x"])) != nil)
        #expect(text(file, in: try plan([unit: "", wanted: "->x", "etc/systemd/network/a.network": ""])) == nil)
        let enabled = try plan([unit: ""])
        #expect(enabled.changes.contains { $0.path == "/" + wanted })
        #expect(enabled.remarks.contains { $0.contains("systemd-networkd is enabled") })
        #expect(try plan([:]).remarks.contains { $0.contains("neither systemd-networkd nor NetworkManager") })
    }

    @Test("is a profile of NetworkManager where that runs")
    func networkManager() throws {
        let wanted = "etc/systemd/system/multi-user.target.wants/NetworkManager.service"
        let profile = "/etc/NetworkManager/system-connections/bcvk-dhcp.nmconnection"
        #expect(text(profile, in: try plan([wanted: "->x"]))?.contains("method=auto") ?? false)
    }

    @Test("is the agent, which udev starts where it has a port, and nothing of it where that is not wanted")
    func agent() throws {
        let changes = try plan([:]) { $0.agent = [1, 2, 3] }
        #expect(changes.changes.contains(.file("/usr/local/libexec/bcvk-guest", [1, 2, 3], .init(mode: 0o755))))
        let unit = try #require(text("/etc/systemd/system/bcvk-agent.service", in: changes))
        #expect(!unit.contains("WantedBy") && unit.contains("ExecStart=/usr/local/libexec/bcvk-guest agent\n"))
        let rule = try #require(text("/etc/udev/rules.d/70-bcvk-agent.rules", in: changes))
        #expect(rule.split(separator: "\n").count == 2 && rule.contains("bcvk-agent.service"))
        #expect(try plan([:]).changes.allSatisfy { !$0.path.contains("agent") && !$0.path.contains("guest") })
    }

    @Test("is no way to grow without a tool for it")
    func growth() throws {
        #expect(throws: DiskImageError.growthImpossible) { try plan([:]) { $0.grows = true } }
    }

    @Test(
        "is a host name made of the image's name",
        arguments: [
            ("quay.io/fedora/fedora-bootc:42", "fedora-bootc"), ("oci-archive:/x/debian13.oci.tar", "debian13"),
            ("docker://r:5000/a/My_App@sha256:00", "my-app"), ("oci:web", "web"), ("web:1", "web"),
        ])
    func hostname(reference: String, name: String) {
        #expect(IdentityChange.hostname(ofImage: reference) == name)
    }

    @Test("becomes commands in which nothing but a quote needs care")
    func script() throws {
        let status = try withTree([:]) { try #require(try $0.status("/")) }
        var script = DebugfsScript(root: status, map: nil)
        try script.add(.removal("/etc/a b"), content: "")
        try script.add(.file("/etc/a b", [], TreeChange.Attributes(mode: 0o640, group: 42)), content: "/w/0")
        try script.add(.link("/etc/l", target: "x\"y"), content: "")
        #expect(
            script.text.split(separator: "\n").suffix(6) == [
                "cd \"/etc\"", "rm \"a b\"", "write \"/w/0\" \"a b\"", "set_inode_field \"a b\" mode 0100640",
                "set_inode_field \"a b\" gid 42", "symlink \"l\" \"x\"\"y\"",
            ])
        #expect(throws: DiskImageError.self) { try script.add(.removal("/etc/a\nrm b"), content: "") }
    }
}
