import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// What the options of a machine make of its guest. Boots are dear, so each test looks at many of them.
@Suite("Options", .serialized)
struct OptionsTests {
    /// What is asked of the machine with everything.
    private static let environment = [
        #"PLAIN=b c"#, #"ODD="quoted" \back %h #hash $HOME `id`"#, "EMPTY=",
    ]

    private static let look = #"""
        echo "cpus $(nproc)"
        echo "gigabytes $((($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) + 524288) / 1048576))"
        echo "hostname $(cat /proc/sys/kernel/hostname)"
        echo "hosts $(grep -c 'full.example.org full$' /etc/hosts)"
        echo "share-rw $(findmnt -n -o FSTYPE,OPTIONS /run/virtiofs-mnt-rw)"
        echo "share-ro $(findmnt -n -o FSTYPE,OPTIONS /run/virtiofs-mnt-ro)"
        echo "share-path $(findmnt -n -o FSTYPE,OPTIONS /srv/deep/data) $(cat /srv/deep/data/file)"
        echo "owner $(stat -c %u:%g /run/virtiofs-mnt-rw/file)"
        echo "content $(cat /run/virtiofs-mnt-rw/file) $(cat /run/virtiofs-mnt-ro/file)"
        echo written >/run/virtiofs-mnt-rw/written
        mknod /run/virtiofs-mnt-rw/device c 1 3 2>/dev/null && echo "device made"
        touch /run/virtiofs-mnt-ro/x 2>/dev/null && echo "ro written"
        mount -o remount,rw /run/virtiofs-mnt-ro && touch /run/virtiofs-mnt-ro/x 2>/dev/null && echo "ro written by force"
        printf on-the-disk >/dev/disk/by-id/virtio-output; sync
        echo "disk $(lsblk -n -b -d -o SIZE,SERIAL /dev/disk/by-id/virtio-second)"
        echo "swap $(awk 'NR > 1 { print $3 }' /proc/swaps)"
        echo "unit $(systemctl is-active bcvk-test.service srv-made.mount | tr '\n' ' ')"
        for name in PLAIN ODD EMPTY; do
            grep "^$name=" /run/bcvk-test-env | sed "s/^/service /"
            env | grep "^$name=" | sed "s/^/login /"
        done
        echo "state $(systemctl is-system-running --wait)"
        """#

    private static func arguments(_ material: OptionsMaterial, name: String, port: String) -> [String] {
        [
            "ephemeral", "run", "-d", "--name", name, "--itype", "u1.nano", "--memory", "1G", "--hostname",
            "full.example.org", "--bind", material.path("rw"), "--ro-bind", material.path("ro,1") + ":ro", "--bind",
            material.path("data") + ":/srv/deep/data", "--systemd-units", material.path("units"), "--mount-disk-file",
            material.path("new.raw"), "--mount-disk-file", material.path("new.qcow2") + ":second", "--add-swap", "96M",
            "-p", "0:80", "-p", port, "--label", "suite=options", "--label", "bare", "-K", "-i", "-t",
        ] + environment.flatMap { ["--env", $0] }
    }

    @Test("give root's machine its shares, disks, swap, units, variables, ports and names")
    func asRoot() throws {
        try everything(.root, port: "0:5353/udp")
    }

    @Test("give them to an ordinary user's machine too", .enabled(if: Host.ordinaryUserCanRun))
    func asOrdinaryUser() throws {
        try everything(.ordinary, port: "0.0.0.0:0:5353/udp")
    }

    private func everything(_ user: Host.User, port: String) throws {
        let host = try Host(user)
        let material = try OptionsMaterial(host)
        let image = try host.laboratory.image("debian13")
        // Options may stand on both sides of the image.
        let arguments = Self.arguments(material, name: "all", port: port)
        let start = try host.bcvk(Array(arguments[..<5]) + [image] + arguments[5...])
        try #require(start.exit == .exited(0), "\(start.story)")
        let result = try host.bcvk("ephemeral", "ssh", "all", "--", Self.look)
        try #require(result.exit == .exited(0), "\(result.story)")
        try checkResources(result)
        try checkShares(result, host, material)
        try checkDisks(result, material)
        try checkEnvironment(result)

        let machine = try host.bcvk("ephemeral", "inspect", "all").json()
        try checkPorts(host, machine)
        try checkChangesOnTheHost(host, material)
        try checkCommands(host, material)
        try checkLabels(host)
        try checkServers(host, machine, material)
        #expect(try host.bcvk("ephemeral", "rm-all", "-f", "--label", "suite=options").exit == .exited(0))
        #expect(try host.leftovers() == [])
        // The user's files outlive the machine.
        #expect(Files.exists(FilePath(material.path("new.raw"))))
    }

    private func checkResources(_ result: ProgramResult) throws {
        #expect(result.fact("cpus") == "1", "\(result.story)")
        #expect(result.fact("gigabytes") == "1", "\(result.story)")
        #expect(result.fact("hostname") == "full.example.org")
        #expect(result.fact("hosts") == "1")
        #expect(result.fact("state") == "running", "\(result.story)")
        #expect(result.fact("unit") == "active active ", "\(result.story)")
    }

    private func checkShares(_ result: ProgramResult, _ host: Host, _ material: OptionsMaterial) throws {
        #expect(result.fact("share-rw")?.hasPrefix("virtiofs rw,nosuid,nodev") == true, "\(result.story)")
        #expect(result.fact("share-ro")?.hasPrefix("virtiofs ro,nosuid,nodev") == true, "\(result.story)")
        #expect(result.fact("share-path")?.hasPrefix("virtiofs rw") == true, "\(result.story)")
        #expect(result.fact("share-path")?.hasSuffix(" data") == true, "\(result.story)")
        #expect(result.fact("content") == "seen read")
        #expect(result.facts["device"] == nil && result.facts["ro"] == nil, "\(result.story)")
        #expect(!Files.exists(FilePath(material.path("ro,1/x"))))
        // The guest's root is the user: what one writes, the other owns.
        #expect(result.fact("owner") == "0:0", "\(result.story)")
        #expect(try material.read("rw/written") == "written\n")
        let owner = try OwnedDescriptor(opening: FilePath(material.path("rw/written")), .readOnly).status().owner
        #expect(owner == getpwnam(host.user.name).pointee.pw_uid)
    }

    private func checkDisks(_ result: ProgramResult, _ material: OptionsMaterial) throws {
        #expect(result.fact("disk") == "4294967296 second", "\(result.story)")
        // 96 MiB less the page of the header.
        #expect(result.fact("swap") == "98300", "\(result.story)")
        let file = try OwnedDescriptor(opening: FilePath(material.path("new.raw")), .readOnly)
        let status = try file.status()
        #expect(status.size == 4 << 30 && status.allocated < 1 << 20)
        var start = [UInt8](repeating: 0, count: 11)
        #expect(pread(file.raw, &start, start.count, 0) == 11)
        #expect(String(decoding: start, as: UTF8.self) == "on-the-disk")
    }

    private func checkEnvironment(_ result: ProgramResult) throws {
        for kind in ["service", "login"] {
            #expect(result.facts[kind] == Self.environment.map { "\(kind) \($0)" }, "\(result.story)")
        }
    }

    private func checkPorts(_ host: Host, _ machine: JSONValue) throws {
        let ports = machine["ports"]?.elements ?? []
        try #require(ports.count == 2)
        let tcp = try #require(ports[0]["host_port"]?.integerValue)
        let udp = try #require(ports[1]["host_port"]?.integerValue)
        #expect(tcp != 0 && udp != 0 && tcp != machine["ssh_port"]?.integerValue)
        #expect(try host.bcvk("ephemeral", "ps").text.contains("127.0.0.1:\(tcp)->80/tcp"))
        let client = try TCPSocket.connect(address: "127.0.0.1", port: UInt16(tcp), milliseconds: 10_000)
        let answer = try client.readToEnd(limit: 1000, subject: "published port")
        #expect(String(decoding: answer, as: UTF8.self) == "hello from the guest\n")
        let sent = try ChildProgram("/bin/bash", ["-c", "printf datagram >/dev/udp/127.0.0.1/\(udp)"]).run()
        #expect(sent.exit == .exited(0), "\(sent.story)")
        let script = """
            for i in $(seq 100); do grep -q . /run/bcvk-test-datagram && break; sleep 0.1; done 2>/dev/null
            cat /run/bcvk-test-datagram; echo; timeout 20 bash -c 'cat </dev/tcp/10.0.2.2/\(tcp)'
            """
        // Through the host and back: the user network reaches what the host's user does.
        let there = try host.bcvk("ephemeral", "ssh", "all", "--", script)
        #expect(there.text == "datagram\nhello from the guest\n", "\(there.story)")
        let taken = try host.bcvk(
            "ephemeral", "run", "-d", "-p", "\(tcp):80", try host.laboratory.image("debian13"))
        #expect(taken.exit == .exited(125) && taken.complaint.contains("127.0.0.1:\(tcp)/tcp"), "\(taken.story)")
        #expect(taken.complaint.contains("it is taken"), "\(taken.story)")
    }

    private func checkChangesOnTheHost(_ host: Host, _ material: OptionsMaterial) throws {
        try material.write("changed on the host\n", "rw/file")
        try material.write("new\n", "rw/new")
        let script = """
            for i in $(seq 100); do grep -q host /run/virtiofs-mnt-rw/file && break; sleep 0.1; done
            cat /run/virtiofs-mnt-rw/file /run/virtiofs-mnt-rw/new
            """
        let result = try host.bcvk("ephemeral", "ssh", "all", "--", script)
        #expect(result.text == "changed on the host\nnew\n", "\(result.story)")
    }

    private func checkCommands(_ host: Host, _ material: OptionsMaterial) throws {
        let configuration = try host.bcvk("ephemeral", "ssh-config", "all")
        try #require(configuration.exit == .exited(0), "\(configuration.story)")
        try material.write(configuration.text, "ssh.conf")
        let file = material.path("ssh.conf")
        for (program, arguments) in [
            ("/usr/bin/scp", ["-q", "-F", file, material.path("data/file"), "all:/tmp/copied"]),
            ("/usr/bin/scp", ["-q", "-F", file, "all:/tmp/copied", material.path("back")]),
            ("/usr/bin/ssh", ["-F", file, "all", "test -f /tmp/copied"]),
        ] {
            // Keys are their owner's: another user's ssh may not even read them.
            let result = try host.other(program, arguments).run()
            #expect(result.exit == .exited(0), "\(program) \(result.story)")
        }
        #expect(try material.read("back") == "data\n")

        #expect(try host.bcvk("ephemeral", "pause", "all").exit == .exited(0))
        #expect(try host.bcvk("ephemeral", "inspect", "all").json()["state"]?.stringValue == "paused")
        let status = try host.bcvk("ephemeral", "qmp", "all", "query-status")
        #expect(try status.json()["status"]?.stringValue == "paused", "\(status.story)")
        #expect(try host.bcvk("ephemeral", "resume", "all").exit == .exited(0))
        #expect(try host.bcvk("ephemeral", "inspect", "all").json()["state"]?.stringValue == "running")
        let network = try host.bcvk(
            "ephemeral", "qmp", "all", "human-monitor-command", #"{"command-line": "info network"}"#)
        #expect(network.text.contains("restrict=off"), "\(network.story)")
        let unknown = try host.bcvk("ephemeral", "qmp", "all", "no-such-command")
        #expect(unknown.exit == .exited(125) && unknown.complaint.contains("no-such-command"), "\(unknown.story)")
        #expect(unknown.output.isEmpty)
    }

    private func checkLabels(_ host: Host) throws {
        func names(_ filters: String...) throws -> String {
            try host.bcvk(["ephemeral", "ps", "-q"] + filters.flatMap { ["--label", $0] }).text
        }
        #expect(try names("suite=options", "bare") == "all\n")
        #expect(try names("suite") == "all\n")
        #expect(try names("suite=other") == "")
        #expect(try names("suite=options", "missing") == "")
        let none = try host.bcvk("ephemeral", "rm-all", "-f", "--label", "suite=other")
        #expect(none.exit == .exited(0) && none.complaint.contains("no machines"), "\(none.story)")
        #expect(try names() == "all\n")
    }

    /// A server of a share is as much a part of the machine as the root's.
    private func checkServers(_ host: Host, _ machine: JSONValue, _ material: OptionsMaterial) throws {
        let servers = machine["virtiofsd_pids"]?.elements.compactMap(\.integerValue) ?? []
        try #require(servers.count == 4)
        let shares = machine["shares"]?.elements ?? []
        #expect(
            shares.map { $0["guest_path"]?.stringValue } == [
                "/run/virtiofs-mnt-rw", "/srv/deep/data", "/run/virtiofs-mnt-ro",
            ])
        kill(pid_t(servers[3]), SIGKILL)
        var record = machine
        for _ in 0..<100 where record["state"]?.stringValue != "failed" {
            usleep(50_000)
            record = try host.bcvk("ephemeral", "inspect", "all").json()
        }
        #expect(record["state"]?.stringValue == "failed")
        #expect(
            record["reason"]?.stringValue?.contains("virtiofsd for \(material.path("ro,1")) ended") == true,
            "\(record)")
        for server in servers { #expect(kill(pid_t(server), 0) != 0) }
    }
}
