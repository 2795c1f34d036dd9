import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// Machines that outlive their client, and what happens when one of their processes dies.
@Suite("A detached machine", .serialized)
struct LifecycleTests {
    private func start(_ host: Host, _ name: String) throws -> JSONValue {
        let image = try host.laboratory.image("debian13")
        let result = try host.bcvk("ephemeral", "run", "-d", "--name", name, "--memory", "1G", image)
        try #require(result.exit == .exited(0), "\(result.story)")
        #expect(result.text == "\(name)\n")
        return try host.bcvk("ephemeral", "inspect", name).json()
    }

    private func state(_ host: Host, _ name: String) throws -> String? {
        try host.bcvk("ephemeral", "ps", "--json").json().elements.first { $0["name"]?.stringValue == name }?["state"]?
            .stringValue
    }

    /// Waits for a fact that another process brings about.
    private func eventually(_ fact: () throws -> Bool) throws -> Bool {
        for _ in 0..<100 {
            if try fact() { return true }
            usleep(50_000)
        }
        return false
    }

    private func isAlive(_ process: Int64) -> Bool {
        kill(pid_t(process), 0) == 0
    }

    @Test("is listed, inspected, logged in to, stopped and removed")
    func life() throws {
        let host = try Host()
        let machine = try start(host, "box")
        #expect(machine["state"]?.stringValue == "running")
        #expect(machine["accelerator"]?.stringValue == "tcg")
        for key in ["image", "digest", "ssh_port", "ssh_key", "supervisor_pid", "qemu_pid", "qmp_socket", "created_at"]
        {
            #expect(machine[key] != nil, "\(key)")
        }
        #expect(machine["virtiofsd_pids"]?.elements.count == 1)
        #expect(try state(host, "box") == "running")
        let mode = try OwnedDescriptor(opening: FilePath(machine["ssh_key"]?.stringValue ?? ""), .readOnly).status()
            .mode
        #expect(mode == 0o600)

        // Told before anything is done about the image, which is not even there.
        let taken = try host.bcvk("ephemeral", "run", "-d", "--name", "box", "oci-archive:/nonexistent")
        #expect(taken.exit == .exited(125) && taken.complaint.contains("box exists already"), "\(taken.story)")
        let running = try host.bcvk("ephemeral", "rm", "box")
        #expect(running.exit == .exited(125) && running.complaint.contains("is running"))

        let ssh = try host.bcvk("ephemeral", "ssh", "box", "--", "hostname; exit 3")
        #expect(ssh.exit == .exited(3) && ssh.text == "box\n", "\(ssh.story)")
        // The client calls what hands it the connection by a shell, whatever the user's own is.
        var shellless = host
        shellless.variables.append("SHELL=/usr/sbin/nologin")
        let other = try shellless.bcvk("ephemeral", "ssh", "box", "--", "hostname")
        #expect(other.exit == .exited(0) && other.text == "box\n", "\(other.story)")
        let direct = try host.bcvk("ephemeral", "ssh", "box", "-o", "ProxyCommand=none", "--", "hostname")
        #expect(direct.exit == .exited(0) && direct.text == "box\n", "\(direct.story)")

        do {
            let monitor = QMPClient(try UnixSocket.connect(FilePath(machine["qmp_socket"]?.stringValue ?? "")))
            #expect(try monitor.execute("query-status")["status"]?.stringValue == "running")
        }

        let stop = try host.bcvk("ephemeral", "stop", "box")
        #expect(stop.exit == .exited(0) && stop.complaint.isEmpty, "\(stop.story)")
        // By itself, and not by its plug: systemd has said goodbye.
        let reason = try host.bcvk("ephemeral", "inspect", "box").json()["reason"]?.stringValue
        #expect(reason == "the guest powered off", "\(reason ?? "none")")
        #expect(try state(host, "box") == "exited")
        let late = try host.bcvk("ephemeral", "ssh", "box", "--", "true")
        #expect(late.exit == .exited(125) && late.complaint.contains("does not run"), "\(late.story)")
        #expect(try host.bcvk("ephemeral", "rm", "box").exit == .exited(0))
        #expect(try host.leftovers() == [])
    }

    @Test("goes with each of its processes, and ps tells", arguments: ["qemu_pid", "virtiofsd_pids", "supervisor_pid"])
    func death(victim: String) throws {
        let host = try Host()
        let machine = try start(host, "box")
        let processes = [machine["supervisor_pid"], machine["qemu_pid"], machine["virtiofsd_pids"]?.elements.first]
            .compactMap { $0?.integerValue }
        try #require(processes.count == 3)
        let target = try #require((machine[victim]?.elements.first ?? machine[victim])?.integerValue)
        kill(pid_t(target), SIGKILL)
        #expect(try eventually { processes.allSatisfy { !isAlive($0) } })
        #expect(try eventually { try state(host, "box") == "failed" })
        let reason = try host.bcvk("ephemeral", "inspect", "box").json()["reason"]?.stringValue ?? ""
        #expect(
            reason.contains(victim == "supervisor_pid" ? "supervisor" : victim == "qemu_pid" ? "QEMU" : "virtiofsd"),
            "\(reason)")
        #expect(try host.bcvk("ephemeral", "rm-all", "-f").exit == .exited(0))
        #expect(try host.leftovers() == [])
    }

    @Test("ends with its client when it is attached to it")
    func attached() throws {
        let host = try Host()
        let program = host.program([
            "ephemeral", "run", "--name", "fore", "--memory", "1G", try host.laboratory.image("debian13"),
        ])
        let null = try OwnedDescriptor(opening: "/dev/null", .readWrite)
        let client = try program.start(descriptors: [null.raw, null.raw, null.raw])
        #expect(try eventually { try state(host, "fore") == "running" })
        client.signal(SIGKILL)
        _ = try client.wait()
        _ = try eventually { try host.leftovers().isEmpty }
        #expect(try host.leftovers() == [])
    }

    @Test("may be one of eight that start at once, while others remove and prune images")
    func eight() throws {
        let host = try Host(sharesCache: false)
        let image = try host.laboratory.image("debian13")
        let errors = try host.laboratory.directory("errors")
        let starts = try (1...8).map { number in
            try RunningCommand(
                host.program([
                    "ephemeral", "run", "-d", "--name", "vm\(number)", "--memory", "512M", "--vcpus", "1", "--wait",
                    "agent", image,
                ]), errorFile: errors.appending("\(number)"))
        }
        // What they are told while machines start: that the image is in use, that there is none, or that it is gone.
        var waiting = Array(starts.indices)
        while !waiting.isEmpty {
            let removal = try host.bcvk("images", "rm", image)
            #expect(removal.exit == .exited(0) || removal.exit == .exited(125), "\(removal.story)")
            let prune = try host.bcvk("images", "prune", "--all")
            #expect(prune.exit == .exited(0), "\(prune.story)")
            waiting = try waiting.filter { number in
                guard let end = try starts[number].process.poll() else { return true }
                #expect(end == .exited(0), "\(starts[number].complaint)")
                return false
            }
        }
        let machines = try host.bcvk("ephemeral", "ps", "--json").json().elements
        #expect(machines.compactMap { $0["state"]?.stringValue } == [String](repeating: "running", count: 8))
        #expect(Set(machines.compactMap { $0["ssh_port"]?.integerValue }).subtracting([0]).count == 8)
        for number in 1...8 {
            let name = try host.bcvk("ephemeral", "exec", "vm\(number)", "--", "cat", "/proc/sys/kernel/hostname")
            #expect(name.text == "vm\(number)\n", "\(name.story)")
        }
        let used = try host.bcvk("images", "rm", image)
        #expect(used.exit == .exited(125) && used.complaint.contains("in use by a machine"), "\(used.story)")
        #expect(try host.bcvk("images", "prune", "--all").text == "")
        #expect(try host.bcvk("ephemeral", "rm-all", "-f").exit == .exited(0))
        #expect(try host.leftovers() == [])
        let freed = try host.bcvk("images", "rm", image)
        #expect(freed.exit == .exited(0) && freed.text == "\(image)\n", "\(freed.story)")
        #expect(try RootDirectory(host.cache).entries("trees").filter { $0.kind == .directory }.isEmpty)
    }
}
