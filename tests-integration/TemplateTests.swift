import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// Machines that go on from a saved one: that each is its own, and that nothing wrong ever comes of a template.
@Suite("A template", .serialized)
struct TemplateTests {
    private let options = ["--memory", "1G"]

    @Test("gives machines that are booted, each one's own, and knows nothing of what they did", arguments: Host.users)
    func machines(user: Host.User) throws {
        // Templates are in the cache, and those of other tests are not looked for here.
        let host = try Host(user, sharesCache: false)
        let image = try host.laboratory.image("debian13")
        let made = try host.bcvk(["template", "create"] + options + [image])
        try #require(made.exit == .exited(0), "\(made.story)")
        let key = made.text.trimmingSuffix("\n")
        #expect(key.count == 64)
        let again = try host.bcvk(["template", "create"] + options + [image])
        #expect(again.text == made.text, "\(again.story)")
        let listed = try host.bcvk("template", "list", "--json").json().elements
        #expect(listed.map { $0["key"]?.stringValue } == [key])
        #expect(listed.first?["usable"] == .bool(true))
        try JSONForm.named("template list").check(try #require(listed.first))
        try JSONForm.named("template prune").check(host.bcvk("template", "prune", "--all", "-n", "--json").json())
        #expect(try host.bcvk("template", "inspect", String(key.prefix(8))).json()["memory_mib"]?.integerValue == 1024)
        try expectOwnMachines(host, image, key)
        try expectPlugged(host, image)
        try expectKept(host, image, key)
        try expectSession(host, image)
        try expectRefusals(host, image)
        try expectNothingOfDamage(host, image, key)
        #expect(try host.leftovers() == [])
    }

    private func expectOwnMachines(_ host: Host, _ image: String, _ key: String) throws {
        let names = ["one", "two"]
        for name in names {
            let words = ["ephemeral", "run", "-d", "--warm", "-p", "0:80", "--name", name]
            let start = try host.bcvk(words + options + [image])
            try #require(start.exit == .exited(0) && !start.complaint.contains("booting"), "\(start.story)")
        }
        let machines = try names.map { try host.bcvk("ephemeral", "inspect", $0).json() }
        for machine in machines {
            try JSONForm.named("ephemeral inspect").check(machine)
            #expect(machine["template"]?.stringValue?.hasSuffix(key) == true)
            #expect(machine["guest"]?["boot"] == .bool(true))
        }
        #expect(Set(machines.map { $0["ports"]?.elements.first?["host_port"]?.integerValue }).count == 2)
        for look in ["cat /proc/sys/kernel/hostname", "cat /etc/hostname"] {
            #expect(try names.map { try exec(host, $0, look) } == ["one\n", "two\n"])
        }
        // What only chance could make the same in both.
        for look in [
            "cat /etc/machine-id", "head -c 16 /dev/urandom | base64", "cat /etc/ssh/ssh_host_ed25519_key.pub",
            "cat /root/.ssh/authorized_keys",
        ] {
            let found = try names.map { try exec(host, $0, look) }
            #expect(found[0] != found[1] && found.allSatisfy { !$0.isEmpty }, "\(look): \(found)")
        }
        for (name, machine) in zip(names, machines) { try expectOwnServer(host, name, machine) }
        #expect(try exec(host, "one", "cat /etc/hosts").split(separator: "\n").last == "127.0.1.1 one")
        #expect(try exec(host, "one", "wc -l < /root/.ssh/authorized_keys") == "1\n")
        let before = time(nil)
        let clock = try #require(Int(try exec(host, "one", "date +%s").trimmingSuffix("\n")))
        #expect((before - 1...time(nil) + 1).contains(clock))
        #expect(try exec(host, "one", "systemctl is-system-running") == "running\n")
        // The journal of the boot, and what comes to it now, under the new id too.
        let journal = "logger -t here mark-of-one; journalctl --sync; journalctl -b -t here -t systemd -o cat"
        let entries = try exec(host, "one", journal).split(separator: "\n")
        #expect(entries.contains("mark-of-one") && entries.count > 10)
        _ = try exec(host, "one", "echo mine > /etc/mine; echo mine > /var/mine; echo mine > /run/mine")
        #expect(try exec(host, "two", "ls /etc/mine /var/mine /run/mine 2>/dev/null | wc -l") == "0\n")
        for name in names { #expect(try host.bcvk("ephemeral", "rm", "-f", name).exit == .exited(0)) }
        #expect(try host.leftovers() == [])
    }

    /// The server shows the key that the machine has, and nothing of how it was saved is left.
    private func expectOwnServer(_ host: Host, _ name: String, _ machine: JSONValue) throws {
        let login = try host.bcvk("ephemeral", "ssh", name, "--", "cat /etc/ssh/ssh_host_ed25519_key.pub")
        let port = try #require(machine["ssh_port"]?.integerValue)
        let scan = try ChildProgram("/usr/bin/ssh-keyscan", ["-t", "ed25519", "-p", "\(port)", "127.0.0.1"]).run()
        let shown = scan.text.split(separator: " ").last?.split(separator: "\n").first
        #expect(shown != nil && login.text.split(separator: " ").dropFirst().first == shown, "\(login.story)")
        #expect(try exec(host, name, "stat -c '%F %a' /etc/ssh/ssh_host_ed25519_key") == "regular file 600\n")
        let settled = "for i in $(seq 300); do [ $(systemctl is-active ssh) = active ] && break; sleep 0.1; done"
        _ = try exec(host, name, settled)
        #expect(try exec(host, name, "systemctl is-active ssh") == "active\n")
    }

    private func exec(_ host: Host, _ name: String, _ line: String) throws -> String {
        let result = try host.bcvk("ephemeral", "exec", name, "--", "sh", "-c", line)
        #expect(result.exit == .exited(0) || result.exit == .exited(1), "\(result.story)")
        return result.text
    }

    /// What the guest cannot do for one machine is no fault of the template's.
    private func expectKept(_ host: Host, _ image: String, _ key: String) throws {
        let directory = try directory(host, "misplaced")
        let start = try host.bcvk(
            ["ephemeral", "run", "-d", "--warm", "--name", "misplaced", "--bind", "\(directory):/nowhere/here"]
                + options
                + [image])
        #expect(start.complaint.contains("does not serve this machine"), "\(start.story)")
        _ = try host.bcvk("ephemeral", "rm", "-f", "misplaced")
        #expect(try host.bcvk("template", "inspect", key).exit == .exited(0))
    }

    /// A directory of the user's with a file in it.
    private func directory(_ host: Host, _ name: String) throws -> FilePath {
        let directory = try host.laboratory.directory(name)
        try Files.writeAtomically("from the host\n", to: directory.appending("file"), mode: 0o644)
        if host.user != .root {
            let result = try ChildProgram("/bin/chown", ["-R", host.user.name, directory.string]).run()
            try #require(result.exit == .exited(0), "\(result.errorText)")
        }
        return directory
    }

    /// Directories and disks come while the machine goes on, and are none of the template's.
    private func expectPlugged(_ host: Host, _ image: String) throws {
        let directory = try directory(host, "plugged")
        let disk = "\(directory)/disk:data"
        let start = try host.bcvk(
            [
                "ephemeral", "run", "-d", "--warm", "--name", "plugged", "--wait", "boot", "--bind",
                "\(directory):/mnt/here",
            ]
                + ["--ro-bind", "\(directory):/run/there", "--mount-disk-file", disk] + options + [image])
        try #require(start.exit == .exited(0) && !start.complaint.contains("booting"), "\(start.story)")
        #expect(try exec(host, "plugged", "cat /mnt/here/file /run/there/file") == "from the host\nfrom the host\n")
        _ = try exec(host, "plugged", "echo from the guest >/mnt/here/answer; touch /run/there/no 2>/dev/null")
        #expect(try Files.readWhole(directory.appending("answer")).elementsEqual("from the guest\n".utf8))
        #expect(!Files.exists(directory.appending("no")))
        #expect(try eventually { try exec(host, "plugged", "cat /sys/block/vda/serial 2>/dev/null") == "data" })
        #expect(try exec(host, "plugged", "head -c 4096 /dev/zero >/dev/vda && echo ok") == "ok\n")
        #expect(try host.bcvk("ephemeral", "rm", "-f", "plugged").exit == .exited(0))
    }

    private func expectSession(_ host: Host, _ image: String) throws {
        let words = ["ephemeral", "run-ssh", "--warm", "--name", "session"] + options
        let session = try host.bcvk(words + [image, "--", "hostname; ls /etc/mine 2>/dev/null; exit 42"])
        #expect(session.exit == .exited(42) && session.text == "session\n", "\(session.story)")
        let execute = try host.bcvk(
            ["ephemeral", "run", "--warm", "--execute", "exit 3"] + options + [image])
        #expect(execute.exit == .exited(3), "\(execute.story)")
    }

    private func expectRefusals(_ host: Host, _ image: String) throws {
        for excluded in [["--add-swap", "64M"], ["--scratch", "1G"], ["--kernel-from", image]] {
            let result = try host.bcvk(["ephemeral", "run", "-d", "--warm"] + excluded + options + [image])
            #expect(
                result.exit == .exited(125) && result.complaint.contains("--warm and ")
                    && result.complaint.contains(" exclude each other: "),
                "\(result.story)")
        }
        let unknown = try host.bcvk("template", "rm", "0123456789")
        #expect(
            unknown.exit == .exited(125) && unknown.complaint.contains("no template 0123456789"), "\(unknown.story)")
    }

    /// A state that is not what it was is noticed, the machine boots, and the next one finds no template.
    private func expectNothingOfDamage(_ host: Host, _ image: String, _ key: String) throws {
        let directory = try #require(
            try host.bcvk("template", "inspect", key).json()["directory"]?.stringValue)
        let kept = try host.laboratory.directory("kept").appending("template").string
        try copy(directory, to: kept)
        try damage(directory + "/memory", size: 64 << 20)
        try expectBoot(host, image)
        try copy(kept, to: directory)
        try damage(directory + "/devices", size: 20_000)
        try expectBoot(host, image)
    }

    private func copy(_ directory: String, to target: String) throws {
        let words = ["-a", "--sparse=always", directory, target]
        try #require(ChildProgram("/bin/cp", words).run().exit == .exited(0))
    }

    private func damage(_ file: String, size: Int) throws {
        try #require(truncate(file, size) == 0)
    }

    private func expectBoot(_ host: Host, _ image: String) throws {
        let start = try host.bcvk(
            ["ephemeral", "run", "-d", "--warm", "--wait", "agent", "--name", "cold"] + options + [image])
        #expect(start.exit == .exited(0), "\(start.story)")
        #expect(start.complaint.contains("the template cannot be used and is removed"), "\(start.story)")
        #expect(try exec(host, "cold", "hostname") == "cold\n")
        #expect(try host.bcvk("ephemeral", "inspect", "cold").json()["template"] == nil)
        #expect(try host.bcvk("template", "list", "--json").json().elements.isEmpty)
        #expect(try host.bcvk("ephemeral", "rm", "-f", "cold").exit == .exited(0))
    }

    private static let oldServer = "/usr/lib/qemu/virtiofsd"

    @Test(
        "is not to be had with an old virtiofsd: that is said, and the machine boots",
        .enabled(if: access(oldServer, X_OK) == 0 && geteuid() == 0))
    func oldPrograms() throws {
        var host = try Host()
        host.variables = ["VIRTIOFSD_BIN=\(Self.oldServer)"]
        let image = try host.laboratory.image("debian13")
        let start = try host.bcvk(["ephemeral", "run", "-d", "--warm", "--name", "old"] + options + [image])
        #expect(start.exit == .exited(0), "\(start.story)")
        #expect(start.complaint.contains("--migration-mode"), "\(start.story)")
        #expect(start.complaint.contains("booting without a template"), "\(start.story)")
        #expect(try host.bcvk("ephemeral", "rm", "-f", "old").exit == .exited(0))
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
