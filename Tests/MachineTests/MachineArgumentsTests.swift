import Machine
import Testing

@Suite("A machine's QEMU arguments")
struct MachineArgumentsTests {
    private func machine(_ change: (inout MachineSpec) -> Void = { _ in }) -> [String] {
        var spec = MachineSpec(
            name: "box", architecture: .x86_64, accelerator: .tcg, processors: Processors(count: 2),
            memory: Memory(size: ByteSize(mebibytes: 1024), shared: true),
            boot: KernelBoot(kernel: "/k", initrd: "/i", commandLine: ["quiet", "fstab=no"]),
            shares: [FileSystemShare(tag: "root", socket: "/s/root.sock")],
            network: UserNetwork(forwards: [PortForward(hostPort: 0, guestPort: 22)]),
            console: Console(log: "/s/c.log"),
            controls: [
                ControlSocket(descriptor: 3, kind: .connected), ControlSocket(descriptor: 4, kind: .listening),
            ])
        change(&spec)
        return spec.arguments
    }

    @Test("name a disk's format, so that QEMU guesses none, and double commas in its path")
    func drives() {
        let arguments = machine {
            $0.drives = [
                Drive(serial: "output", file: "/d/a,b.img", format: .raw),
                Drive(
                    serial: "swap", file: "/d/swap", format: .qcow2, isReadOnly: true, forgetsWrites: true,
                    isScratch: true),
            ]
        }
        #expect(
            arguments.suffix(8) == [
                "-drive", "if=none,id=drive0,file=/d/a,,b.img,format=raw,discard=unmap",
                "-device", "virtio-blk-pci,drive=drive0,serial=output,werror=report",
                "-drive",
                "if=none,id=drive1,file=/d/swap,format=qcow2,discard=unmap,readonly=on,snapshot=on,cache=unsafe",
                "-device", "virtio-blk-pci,drive=drive1,serial=swap,werror=report",
            ])
    }

    @Test("have one thread translate where several must not")
    func inTurn() {
        let arguments = machine { $0.translatesInTurn = true }
        #expect(arguments.contains("tcg,thread=single"))
        #expect(!arguments.contains("tcg"))
    }

    @Test("are complete, for a machine with everything")
    func golden() {
        #expect(
            machine() == [
                "-name", "guest=box", "-machine", "q35,sata=off,smbus=off,hpet=off,memory-backend=memory",
                "-accel", "tcg", "-cpu", "max,svm=off,la57=off,erms=off,fsrm=off", "-smp", "2", "-m", "1024M",
                "-object", "memory-backend-memfd,id=memory,size=1024M,share=on",
                "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
                "-chardev", "socket,id=control0,fd=3", "-mon", "chardev=control0,mode=control",
                "-chardev", "socket,id=control1,fd=4,server=on,wait=off", "-mon", "chardev=control1,mode=control",
                "-chardev", "file,id=console,path=/s/c.log,append=on", "-serial", "chardev:console",
                "-kernel", "/k", "-initrd", "/i", "-append", "quiet fstab=no",
                "-netdev", "user,id=net0,hostfwd=tcp:127.0.0.1:0-:22",
                "-device", "virtio-net-pci,netdev=net0,addr=0x2,romfile=",
                "-chardev", "socket,id=share0,path=/s/root.sock",
                "-device", "vhost-user-fs-pci,chardev=share0,tag=root,queue-size=1024",
            ])
    }

    @Test("restrict a network that is isolated, and keep its forwards")
    func isolated() {
        let words = machine {
            $0.network = UserNetwork(
                forwards: [
                    PortForward(hostPort: 0, guestPort: 22),
                    PortForward(.udp, address: "0.0.0.0", hostPort: 5353, guestPort: 53),
                ], isIsolated: true)
        }
        #expect(words.contains("user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:0-:22,hostfwd=udp:0.0.0.0:5353-:53"))
    }

    @Test("hand files to the guest's firmware configuration under their names")
    func firmwareConfiguration() {
        let words = machine { $0.firmwareConfiguration = [.ignition("/d/a,b.ign")] }
        #expect(words.suffix(2) == ["-fw_cfg", "name=opt/com.coreos/config,file=/d/a,,b.ign"])
    }

    @Test("double the commas of paths, so that a path cannot become an option")
    func escapesCommas() {
        let words = machine { $0.console.log = "/tmp/a,server=on" }
        #expect(words.contains("file,id=console,path=/tmp/a,,server=on,append=on"))
    }

    @Test("take memory that is there already")
    func openMemory() {
        let words = machine { $0.memory.descriptor = 9 }
        #expect(words.contains("memory-backend-file,id=memory,size=1024M,mem-path=/proc/self/fd/9,share=on"))
    }

    @Test("take KVM's own CPU under KVM, and a model that was asked for anywhere")
    func models() {
        #expect(machine { $0.accelerator = .kvm }.contains("host"))
        #expect(machine { $0.processors.model = "max,la57=off" }.contains("max,la57=off"))
        let tuned = machine { $0.processors.isTuned = true }
        #expect(tuned.contains("max,svm=off,la57=off,erms=off,fsrm=off,smap=off"))
    }

    @Test("have no network where there is none")
    func noNetwork() {
        let words = machine { $0.network = nil }
        #expect(words.contains("-nic") && !words.contains("-netdev"))
    }
}
