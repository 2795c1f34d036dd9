import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// What is in force for the processes of a machine, as the kernel tells it.
@Suite("Confinement", .serialized)
struct ConfinementTests {
    private func start(_ host: Host, _ options: [String] = []) throws -> JSONValue {
        let image = try host.laboratory.image("debian13")
        let words = ["ephemeral", "run", "-d", "--warm", "--wait", "agent", "--memory", "1G", "--name", "box"]
        let start = try host.bcvk(words + options + [image])
        try #require(start.exit == .exited(0), "\(start.story)")
        let machine = try host.bcvk("ephemeral", "inspect", "box").json()
        try JSONForm.named("ephemeral inspect").check(machine)
        return machine
    }

    @Test("leaves QEMU and virtiofsd what they need and nothing else", arguments: Host.users)
    func inForce(user: Host.User) throws {
        let host = try Host(user)
        let shared = try host.laboratory.directory("shared")
        if user != .root { try #require(try host.other("/bin/true", []).run().exit == .exited(0)) }
        let own = try ChildProgram("/bin/chown", [host.user.name, shared.string]).run()
        try #require(own.exit == .exited(0))
        let machine = try start(host, ["--bind", "\(shared):/mnt/here", "-p", "0:80"])
        let processes = try #require(machine["confinement"]).elements
        #expect(processes.map { $0["role"]?.stringValue }.prefix(2) == ["supervisor", "qemu"])

        let qemu = try #require(processes.first { $0["role"]?.stringValue == "qemu" })
        #expect(qemu["capabilities"]?.elements == [])
        if user == .root { #expect(qemu["bounding_capabilities"]?.elements == []) }
        #expect(qemu["no_new_privileges"] == .bool(true))
        #expect(qemu["seccomp"]?.stringValue == "filter")
        #expect(qemu["own_root"] == .bool(true))
        #expect(qemu["landlock"]?.integerValue.map(Int.init) == ProgramFence.landlockVersion)
        let namespaces = Set(qemu["namespaces"]?.strings ?? [])
        let wanted: Set<String> = user == .root ? ["mnt", "ipc"] : ["mnt", "ipc", "user"]
        #expect(namespaces.isSuperset(of: wanted))
        // Its root has none of the host's places for data and sockets.
        let process = try #require(machine["qemu_pid"]?.integerValue)
        for place in ["run/systemd", "tmp", "home", "root", "var", "etc/shadow", "dev/sda", "dev/vda", "dev/mem"] {
            // An ordinary user's QEMU has all of /etc, whose secrets are kept from that user.
            if user != .root, place.hasPrefix("etc/") { continue }
            #expect(!Files.exists(FilePath("/proc/\(process)/root/\(place)")), "\(place)")
        }

        let servers = processes.filter { $0["role"]?.stringValue == "virtiofsd" }
        #expect(servers.count >= 2)
        for server in servers {
            #expect(server["no_new_privileges"] == .bool(true))
            let namespaces = Set(server["namespaces"]?.strings ?? [])
            #expect(namespaces.isSuperset(of: ["mnt", "net"]))
            let capabilities = server["capabilities"]?.strings ?? []
            #expect(!capabilities.contains("cap_mknod") && !capabilities.contains("cap_sys_admin"), "\(capabilities)")
        }
        let serving = servers.filter { $0["seccomp"]?.stringValue == "filter" }
        #expect(serving.count == 2, "\(servers)")
        // That of the tree also cannot change an owner or a mode.
        #expect(serving.contains { $0["capabilities"]?.strings.contains("cap_chown") == false })
        try expectSecretsKept(host, machine)
        try expectLocalForwards(machine)
        #expect(try host.bcvk("ephemeral", "rm", "-f", "box").exit == .exited(0))
        #expect(try host.leftovers() == [])
    }

    /// No key is on a command line, and nobody else may read a file or use a socket of the machine's.
    private func expectSecretsKept(_ host: Host, _ machine: JSONValue) throws {
        let directory = try #require(machine["directory"]?.stringValue)
        let key = String(decoding: try Files.readWhole(FilePath("\(directory)/ssh_key")), as: UTF8.self)
        let secret = try #require(key.split(separator: "\n").dropFirst().first)
        for entry in try RootDirectory(FilePath("/proc")).entries("/") {
            guard Int32(entry.name) != nil,
                let words = try? Files.readWhole(FilePath("/proc/\(entry.name)/cmdline"))
            else { continue }
            let text = String(decoding: words, as: UTF8.self)
            #expect(!text.contains(secret) && !text.contains("PRIVATE KEY"), "process \(entry.name)")
        }
        var status = stat()
        for path in [host.state.string, directory] {
            #expect(stat(path, &status) == 0 && status.st_mode & 0o077 == 0, "\(path)")
        }
        for entry in try RootDirectory(FilePath(directory)).entries("/") where entry.kind != .symbolicLink {
            #expect(stat("\(directory)/\(entry.name)", &status) == 0)
            // The public halves of keys are no secret.
            let isPublic = entry.name.hasSuffix(".pub")
            #expect(isPublic || status.st_mode & 0o077 == 0, "\(entry.name): \(String(status.st_mode, radix: 8))")
        }
    }

    /// Only this host reaches the machine where nobody asked for more.
    private func expectLocalForwards(_ machine: JSONValue) throws {
        let process = try #require(machine["qemu_pid"]?.integerValue)
        let sockets = Set(
            try RootDirectory(FilePath("/proc/\(process)/fd")).entries("/").compactMap { entry -> String? in
                var target = [UInt8](repeating: 0, count: 64)
                let count = target.withUnsafeMutableBytes { bytes in
                    bytes.baseAddress.map {
                        readlink("/proc/\(process)/fd/\(entry.name)", $0.assumingMemoryBound(to: CChar.self), 64)
                    } ?? -1
                }
                let text = String(decoding: target[..<max(0, count)], as: UTF8.self)
                return text.hasPrefix("socket:[") ? String(text.dropFirst(8).dropLast()) : nil
            })
        var found = 0
        for table in ["tcp", "tcp6", "udp", "udp6"] {
            let text = String(decoding: try Files.readWhole(FilePath("/proc/net/\(table)")), as: UTF8.self)
            for line in text.split(separator: "\n").dropFirst() {
                let fields = line.split(separator: " ")
                // 0A is a listening TCP socket (proc_pid_net(5)).
                guard fields.count > 9, sockets.contains(String(fields[9])), table.hasPrefix("udp") || fields[3] == "0A"
                else { continue }
                found += 1
                #expect(fields[1].hasPrefix("0100007F:"), "\(line)")
            }
        }
        #expect(found == 2, "the ssh port and the published one")
    }

    @Test("leaves root's QEMU no right to a file of somebody else's, which it uses all the same")
    func filesOfOthers() throws {
        let host = try Host()
        let place = try host.laboratory.directory("others", mode: 0o700)
        let disk = place.appending("disk")
        try Files.writeAtomically([UInt8](repeating: 7, count: 1 << 20), to: disk)
        let own = try ChildProgram("/bin/chown", ["-R", "nobody", place.string]).run()
        try #require(own.exit == .exited(0))
        _ = try start(host, ["--mount-disk-file", "\(disk):data:raw"])
        let script =
            "f=/dev/disk/by-id/virtio-data; until test -b $f; do sleep 0.1; done; od -An -tu1 -N1 $f; echo x >$f && sync"
        let result = try host.bcvk("ephemeral", "exec", "box", "--", "sh", "-c", script)
        #expect(result.exit == .exited(0) && result.text.contains("7"), "\(result.story)")
        #expect(try Files.readWhole(disk).first == UInt8(ascii: "x"))
        #expect(try host.bcvk("ephemeral", "rm", "-f", "box").exit == .exited(0))
        #expect(try host.leftovers() == [])
    }
}
