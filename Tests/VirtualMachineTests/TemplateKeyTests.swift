import GuestProtocol
import Machine
import SystemPackage
import Testing
import VirtualMachine

@Suite("A template's key")
struct TemplateKeyTests {
    private func machine() -> MachineSpec {
        MachineSpec(
            name: "a", accelerator: .tcg, processors: Processors(count: 2),
            memory: Memory(size: ByteSize(mebibytes: 1024), shared: true),
            boot: KernelBoot(kernel: "/k", initrd: "/a/initrd", commandLine: ["quiet"]),
            shares: [FileSystemShare(tag: "root", socket: "/a/root.sock")],
            network: UserNetwork(forwards: [PortForward(hostPort: 0, guestPort: 22)]),
            console: Console(log: "/a/console.log"))
    }

    private func guest() -> GuestConfiguration {
        var guest = GuestConfiguration(
            rootMode: .bootc, rootTag: "root", initProgram: "/sbin/init", hostname: "a", machineID: "1")
        guest.authorizedKeys = ["ssh-ed25519 A"]
        guest.hostKey = "secret"
        return guest
    }

    private func key(
        tree: String = "t", _ machine: MachineSpec? = nil, _ guest: GuestConfiguration? = nil,
        programs: [FilePath] = ["/bin/sh"]
    ) throws -> String {
        try TemplateKey(
            tree: tree, machine: machine ?? self.machine(), configuration: guest ?? self.guest(), programs: programs
        ).text
    }

    @Test("does not depend on what a machine has of its own")
    func own() throws {
        var machine = machine()
        machine.name = "b"
        machine.console.log = "/b/console.log"
        machine.boot?.initrd = "/b/initrd"
        machine.shares[0].socket = "/b/root.sock"
        machine.network?.forwards.append(PortForward(hostPort: 8080, guestPort: 80))
        var guest = guest()
        guest.hostname = "b"
        guest.machineID = "2"
        guest.authorizedKeys = []
        guest.hostKey = "another"
        guest.hostKeyPublic = "its half"
        #expect(try key() == key(tree: "t", machine, guest))
    }

    @Test("depends on everything else")
    func shape() throws {
        var machines: [MachineSpec] = []
        for change: (inout MachineSpec) -> Void in [
            { $0.memory.size = ByteSize(mebibytes: 2048) }, { $0.processors.count = 1 },
            { $0.processors.model = "Nehalem" }, { $0.boot?.commandLine.append("debug") },
            { $0.boot?.kernel = "/other" }, { $0.network = nil }, { $0.network?.isIsolated = true },
            { $0.shares.append(FileSystemShare(tag: "bind0", socket: "/s")) },
            { $0.ports.append(GuestPort(name: GuestPort.journal, backend: .file("/j"))) },
        ] {
            var machine = machine()
            change(&machine)
            machines.append(machine)
        }
        var guests: [GuestConfiguration] = []
        for change: (inout GuestConfiguration) -> Void in [
            { $0.rootMode = .writable }, { $0.environment = ["A=b"] }, { $0.hostKey = nil }, { $0.sshUser = "u" },
            { $0.maskedUnits = ["x.service"] }, { $0.overlaysUsr = true },
            {
                $0.kernelMounts = [
                    GuestMount(source: "s", place: "/dev/s", type: "t", options: "", loader: nil)
                ]
            },
            { $0.files = [GuestFile(path: "/etc/x", content: .bytes([1]), isPublic: true)] },
        ] {
            var guest = guest()
            change(&guest)
            guests.append(guest)
        }
        let keys =
            try [key(), key(tree: "other"), key(programs: ["/bin/cat"])] + machines.map { try key(tree: "t", $0) }
            + guests.map { try key(tree: "t", nil, $0) }
        #expect(Set(keys).count == keys.count)
    }
}
