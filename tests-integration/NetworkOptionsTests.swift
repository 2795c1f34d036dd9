import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// How far a machine's network reaches.
@Suite("A network", .serialized)
struct NetworkOptionsTests {
    @Test("that is isolated reaches nothing, but is reached by ssh and published ports")
    func isolated() throws {
        let host = try Host()
        let material = try OptionsMaterial(host)
        let image = try host.laboratory.image("debian13")
        let start = try host.bcvk(
            "ephemeral", "run", "-d", "--name", "alone", "--memory", "1G", "--network", "isolated", "-p", "0:80",
            "--systemd-units", material.path("units"), image)
        try #require(start.exit == .exited(0), "\(start.story)")
        let machine = try host.bcvk("ephemeral", "inspect", "alone").json()
        let port = try #require(machine["ports"]?.elements.first?["host_port"]?.integerValue)
        let script = """
            systemctl is-system-running --wait
            timeout 10 bash -c 'cat </dev/tcp/10.0.2.2/\(port)' 2>/dev/null || echo "no way out"
            timeout 60 getent hosts example.org || echo "no names"
            grep -c nameserver /etc/resolv.conf
            """
        let result = try host.bcvk("ephemeral", "ssh", "alone", "--", script)
        #expect(result.text == "running\nno way out\nno names\n0\n", "\(result.story)")
        let client = try TCPSocket.connect(address: "127.0.0.1", port: UInt16(port), milliseconds: 10_000)
        let answer = try client.readToEnd(limit: 1000, subject: "published port")
        #expect(String(decoding: answer, as: UTF8.self) == "hello from the guest\n")
        #expect(try host.bcvk("ephemeral", "rm", "-f", "alone").exit == .exited(0))
        #expect(try host.leftovers() == [])
    }

    @Test("may be missing, and then nobody waits for ssh")
    func none() throws {
        let host = try Host()
        let material = try OptionsMaterial(host)
        let image = try host.laboratory.image("debian13")
        let start = try host.bcvk(
            "ephemeral", "run", "-d", "--name", "mute", "--memory", "1G", "--network", "none", "--bind",
            material.path("rw"), "--systemd-units", material.path("units"), image)
        try #require(start.exit == .exited(0), "\(start.story)")
        for command in ["ssh", "ssh-config"] {
            let result = try host.bcvk("ephemeral", command, "mute")
            #expect(result.exit == .exited(125) && result.complaint.contains("no network"), "\(result.story)")
        }
        // The guest itself says through its share what interfaces it has.
        var links: String?
        for _ in 0..<600 where links == nil || links == "" {
            usleep(200_000)
            links = try material.read("rw/links")
        }
        let names = links?.split(separator: "\n").map { $0.split(separator: " ").dropFirst().first ?? "" }
        #expect(names == ["lo:"])
        // What waits for a network has not been started, and is no failure.
        let look =
            "systemctl show -P ConditionResult systemd-networkd-wait-online; systemctl is-active network-online.target"
        let waited = try host.bcvk(
            "ephemeral", "exec", "mute", "--", "sh", "-c", "systemctl is-system-running --wait; \(look)")
        #expect(waited.text == "running\nno\nactive\n", "\(waited.story)")
        #expect(try host.bcvk("ephemeral", "rm", "-f", "mute").exit == .exited(0))
        #expect(try host.leftovers() == [])
        let useless = try host.bcvk("ephemeral", "run-ssh", "--network", "none", image, "--", "true")
        #expect(useless.exit == .exited(64) && useless.complaint.contains("--network none"), "\(useless.story)")
    }

    /// A mount namespace gives bcvk, and with it QEMU, a resolv.conf that names a stub as systemd-resolved's.
    @Test("asks the stub resolver of the host's loopback for names", .enabled(if: geteuid() == 0))
    func stub() throws {
        let host = try Host()
        let directory = try host.laboratory.directory("stub", mode: 0o755)
        try Files.writeAtomically("nameserver 127.9.9.9\n", to: directory.appending("resolv.conf"), mode: 0o644)
        try Files.writeAtomically(Self.responder, to: directory.appending("responder.py"))
        let null = try OwnedDescriptor(opening: "/dev/null", .readWrite)
        let (ready, theirs) = try DescriptorPair.pipe()
        let readEnd = OwnedDescriptor(owning: ready)
        let server: RunningProgram
        do {
            let writeEnd = OwnedDescriptor(owning: theirs)
            server = try ChildProgram("/usr/bin/env", ["python3", directory.appending("responder.py").string]).start(
                descriptors: [null.raw, writeEnd.raw, null.raw])
        }
        defer {
            server.signal(SIGKILL)
            _ = try? server.wait()
        }
        #expect(try !Poller.wait([readEnd.raw], milliseconds: 20_000).isEmpty)
        var program = host.program([
            "ephemeral", "run-ssh", "--memory", "1G", try host.laboratory.image("debian13"), "--",
            "getent ahostsv4 answer.test | head -1",
        ])
        let words = [program.executable.string] + program.arguments
        program.executable = "/usr/bin/unshare"
        program.arguments =
            [
                "--mount", "sh", "-c", #"mount --bind "$0" "$(readlink -f /etc/resolv.conf)" && exec "$@""#,
                directory.appending("resolv.conf").string,
            ] + words
        let result = try program.run()
        #expect(result.text.hasPrefix("192.0.2.77 "), "\(result.story)")
        #expect(try host.leftovers() == [])
    }

    /// Answers every question for an IPv4 address with the same one (RFC 1035), and others with none.
    private static let responder = """
        import socket
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.9.9.9", 53))
        print("ready", flush=True)
        while True:
            question, peer = server.recvfrom(512)
            end = question.index(0, 12) + 5
            has_address = question[end - 4:end - 2] == bytes([0, 1])
            answer = question[:2] + bytes([0x81, 0x80, 0, 1, 0, has_address, 0, 0, 0, 0]) + question[12:end]
            if has_address:
                answer += bytes([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 77])
            server.sendto(answer, peer)
        """
}
