import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// What a guest sends: frames that are none, words without end, and sequences that are meant for a terminal.
@Suite("A hostile guest's words", .serialized)
struct HostileStreamTests {
    /// Perl that speaks for the agent, once it has been killed: `frame KIND, CHANNEL, PAYLOAD`.
    private static func impostor(_ body: String) -> String {
        """
        sleep 1; \(HostileGuest.killAgent); sleep 0.2
        exec perl -e '
            $SIG{ALRM} = sub { exit }; alarm 60;
            open(P, "+<", "/dev/virtio-ports/org.bcvk.agent") or die; binmode P;
            open(C, ">", "/dev/console") or die; print C "impostor at work\\n"; close C;
            sub frame { my ($kind, $channel, $payload) = @_;
                syswrite(P, pack("VVV", length $payload, $channel, $kind) . $payload); }
            frame(1, 0, pack("v", 1));
            \(body)
            sleep 30;'
        """
    }

    private static let attacks: [(name: String, body: String)] = [
        ("random bytes", #"open(R, "<", "/dev/urandom"); while (sysread(R, $x, 65536)) { syswrite(P, $x); }"#),
        (
            "a frame of four gigabytes",
            #"syswrite(P, pack("VVV", 0xffffffff, 0, 3)); syswrite(P, "x" x 65536) for 1..200;"#
        ),
        ("an unknown kind", #"frame(0x77, 0, "x");"#),
        ("kinds that are the host's", #"frame($_, 1, "x" x 100) for 0x21 .. 0x26, 0x31, 0x32;"#),
        ("another version", #"frame(1, 0, pack("v", 999));"#),
        ("news without end", #"frame(7, 0, pack("C", 2)) for 1 .. 200000;"#),
        (
            "a hundred thousand failed units",
            #"frame(7, 0, pack("CV", 1, 8000) . (pack("V", 3) . "abc") x 8000) for 1 .. 200;"#
        ),
        ("a list that is longer than its frame", #"frame(7, 0, pack("CV", 1, 0xffffffff));"#),
        (
            "output for nobody",
            #"for $c (0 .. 2000) { frame(3, $c * 7919, "x" x 1000); frame(5, $c, "\0" x 8); frame(0x41, $c, pack("CV", 1, 0xffffffff)); }"#
        ),
        (
            "an answer to the supervisor itself",
            #"frame(5, 0xfffffffe, ""); frame(6, 0xfffffffe, "x"); frame(3, 0xffffffff, "y");"#
        ),
        ("greetings without end", #"frame(1, 0, pack("v", 1)) for 1 .. 100000;"#),
    ]

    /// Those after which the supervisor still listens are tried one after the other in one machine.
    private static let groups = [[0], [1], [2], [3], [4], [7], [5, 6, 8, 9, 10]]

    @Test("are no frames: the supervisor neither grows nor falls, and still ends the machine", arguments: groups)
    func frames(group: [Int]) throws {
        let host = try Host()
        let guest = try HostileGuest(host)
        let atStart = try guest.supervisor()
        try guest.attackAlone(Self.impostor(group.map { Self.attacks[$0].body }.joined(separator: "\n")))
        // Until then the agent that answers is the true one.
        try #require(
            try eventually {
                try guest.bcvk(["ephemeral", "logs", guest.name, "--console"]).text.contains("impostor at work")
            })
        usleep(2_000_000)
        let now = try guest.supervisor()
        #expect(
            now.kibibytes < atStart.kibibytes + (24 << 10), "\(group.map { Self.attacks[$0].name }): \(atStart) \(now)")
        // A leak stays; what is open for a moment, as its record is while news comes, does not.
        #expect(try eventually { try guest.supervisor().descriptors <= atStart.descriptors })
        #expect(try guest.inspect()["state"]?.stringValue == "running")
        #expect(try #require(try guest.inspect()["guest"]?["failed_units"]?.elements.count) <= 100)
        // Whatever answers, it is not taken for a program's end.
        let exec = guest.host.program(["ephemeral", "exec", guest.name, "--", "true"])
        var answer = ChildProgram("/usr/bin/timeout", ["2", exec.executable.string] + exec.arguments)
        answer.environment = exec.environment
        let result = try answer.run()
        #expect(result.exit != .exited(0) && HostileGuest.isPrintable(result.errorOutput), "\(result.story)")
        let stop = try guest.bcvk(["ephemeral", "stop", "--timeout", "1", guest.name])
        #expect(stop.exit == .exited(0), "\(stop.story)")
        try guest.remove()
        #expect(try host.leftovers() == [])
    }

    @Test("without end are cut off with their reader, and logs keep a bounded part of them")
    func endless() throws {
        var host = try Host()
        host.variables = ["BCVK_LOG_LIMIT=2M"]
        let logs = try host.laboratory.directory("logs")
        let guest = try HostileGuest(host, options: ["--log-dir", "console,journal=\(logs)"])
        let atStart = try guest.supervisor()
        // The client's reader goes, so the client goes, so the program in the guest goes.
        let words = guest.host.program(["ephemeral", "exec", guest.name, "--", "sh", "-c", "yes; echo $? >/tmp/yes"])
        let pipe = try ChildProgram(
            "/bin/sh",
            ["-c", "exec 3>&1; (\"$@\"; echo client $? >&3) | head -c 20000000 | wc -c", "sh", words.executable.string]
                + words.arguments
        ).with(environment: words.environment).run()
        #expect(pipe.text.contains("20000000"), "\(pipe.story)")
        #expect(try eventually { try guest.attack("grep -lx yes /proc/[0-9]*/comm").text.isEmpty })
        // Files that the host keeps: the journal's stream is fast, the console slow.
        let flood = try guest.attack(
            """
            port=/dev/virtio-ports/org.bcvk.journal
            systemctl stop 'bcvk-journal*' 2>/dev/null
            timeout 20 head -c 40000000 /dev/zero | tr '\\0' j >$port; echo "end of the flood" >$port
            timeout 3 yes 'console flood' >/dev/ttyS0
            """)
        #expect(flood.exit == .exited(0) || flood.exit == .exited(124), "\(flood.story)")
        let limit = Int64(2 << 20) + (1 << 20)
        for name in ["journal.json", "console.txt"] {
            #expect(
                try eventually {
                    try OwnedDescriptor(opening: logs.appending(name), .readOnly).status().size < limit
                }, "\(name)")
        }
        let journal = String(decoding: try Files.readWhole(logs.appending("journal.json")), as: UTF8.self)
        #expect(journal.hasPrefix("[bcvk: "), "\(journal.prefix(100))")
        let now = try guest.supervisor()
        #expect(now.kibibytes < atStart.kibibytes + (24 << 10), "\(now)")
        #expect(try eventually { try guest.supervisor().descriptors == atStart.descriptors })
        try guest.remove()
        #expect(try host.leftovers() == [])
    }

    @Test("do not keep a machine: one that never shuts down is ended")
    func neverEnds() throws {
        let host = try Host()
        let guest = try HostileGuest(host)
        try guest.attackAlone(
            """
            systemctl mask --runtime poweroff.target halt.target reboot.target systemd-poweroff.service
            systemctl stop systemd-logind; systemctl mask --runtime systemd-logind
            \(HostileGuest.killAgent); sleep 1000
            """)
        #expect(try eventually { try guest.inspect()["guest"]?["agent"] == .bool(false) })
        let stop = try guest.bcvk(["ephemeral", "stop", "--timeout", "3", guest.name])
        #expect(
            stop.exit == .exited(0) && stop.complaint.contains("did not shut down within 3 s and was ended"),
            "\(stop.story)")
        try guest.remove()
        #expect(try host.leftovers() == [])
    }

    @Test("reach no terminal as anything but letters")
    func sequences() throws {
        let host = try Host()
        let guest = try HostileGuest(host)
        // Units that failed, as a forged agent names them; the console's last words; the reason of a refusal.
        try guest.attackAlone(
            Self.impostor(
                #"""
                $evil = "\e]0;owned\a\e[2Jx\x{c2}\x{9b}31m\x{e2}\x{80}\x{ae}y";
                frame(7, 0, pack("CVV", 1, 1, length $evil) . $evil);
                open(C, ">", "/dev/ttyS0"); print C "$evil last words\n"; close C;
                """#))
        #expect(
            try eventually { try guest.inspect()["guest"]?["failed_units"]?.strings.first?.contains("x31my") == true })
        let wait = try guest.bcvk(["ephemeral", "wait", guest.name, "--for", "boot"])
        #expect(wait.complaint.contains("failed units: x31my"), "\(wait.story)")
        #expect(HostileGuest.isPrintable(wait.errorOutput))
        let listing = try guest.bcvk(["ephemeral", "ps"])
        #expect(HostileGuest.isPrintable(listing.output + listing.errorOutput))
        let late = try guest.bcvk(["ephemeral", "wait", "--for", "stopped", "--timeout", "1", guest.name])
        #expect(late.exit == .exited(125) && late.complaint.contains("last words"), "\(late.story)")
        #expect(HostileGuest.isPrintable(late.errorOutput))
        try guest.remove()
        #expect(try host.leftovers() == [])
    }

    @Test("of a forged ssh server end the client with an error, and reach no terminal")
    func banners() throws {
        let host = try Host()
        let guest = try HostileGuest(host)
        let forge = { (text: String) in
            """
            systemctl stop ssh.service ssh.socket sshd.service 2>/dev/null; systemctl stop forged 2>/dev/null
            systemd-run --quiet --collect --expand-environment=no --unit forged perl -MIO::Socket::INET -e '
                $s = IO::Socket::INET->new(LocalPort => 22, Listen => 5, ReuseAddr => 1) or die;
                while ($c = $s->accept) { \(text) close $c; }'
            sleep 1
            """
        }
        for text in [
            #"print $c "SSH-2.0-\e]0;owned\a\e[2J\r\n" . "\0" x 10000;"#, #"print $c "SSH-1.0-old\r\n";"#,
            #"print $c "SSH-2.0-" . "A" x 100000 . "\r\n";"#, #"print $c "\e[31mno server\r\n" x 50000;"#,
            #"print $c "SSH-2.0-OpenSSH_9\r\n" . pack("N", 0x7fffffff) . "x" x 1000;"#,
        ] {
            let forged = try guest.attack(forge(text))
            #expect(forged.exit == .exited(0), "\(forged.story)")
            let session = try guest.bcvk(["ephemeral", "ssh", "--boot-timeout", "5", guest.name, "--", "true"])
            // ssh ends its own lines with a carriage return too.
            let said = session.errorOutput.filter { $0 != UInt8(ascii: "\r") }
            #expect(session.exit != .exited(0) && HostileGuest.isPrintable(said), "\(session.story)")
        }
        try guest.remove()
        #expect(try host.leftovers() == [])
    }
}

extension ChildProgram {
    fileprivate func with(environment: [String]?) -> ChildProgram {
        var program = self
        program.environment = environment
        return program
    }
}
