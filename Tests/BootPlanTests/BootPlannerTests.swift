import BootPlan
import Glibc
import LinuxSystem
import SystemPackage
import Testing

@Suite("A search for kernels")
struct KernelSearchTests {
    @Test("looks in both places, knows initramfs files, and puts the newest first")
    func places() throws {
        let tree = try Tree([
            "usr/lib/modules/6.1.0/vmlinuz": "k", "usr/lib/modules/6.1.0/initramfs.img": "i",
            "boot/vmlinuz-6.12.0": "k",
            "boot/initrd.img-6.12.0": "i", "boot/vmlinuz-6.1.0": "the same again", "boot/vmlinuz-0-rescue-abc": "k",
            "boot/vmlinuz-5.10.0": "k",
        ])
        let found = try KernelSearch(try tree.root).kernels()
        #expect(found.map(\.release) == ["6.12.0", "6.1.0", "5.10.0"])
        #expect(
            found.map(\.path) == ["/boot/vmlinuz-6.12.0", "/usr/lib/modules/6.1.0/vmlinuz", "/boot/vmlinuz-5.10.0"])
        #expect(found.map(\.initramfs) == ["/boot/initrd.img-6.12.0", "/usr/lib/modules/6.1.0/initramfs.img", nil])
    }

    @Test("takes no link that leads out for a kernel, and no directory")
    func traps() throws {
        let tree = try Tree(
            ["boot/vmlinuz-1.0/file": "x"],
            links: ["boot/vmlinuz-2.0": "/../../../../bin/sh", "boot/vmlinuz-3.0": "/nothing"])
        #expect(try KernelSearch(try tree.root).kernels() == [])
    }

    @Test("that finds nothing says where it looked")
    func nothing() throws {
        let tree = try Tree([:])
        let planner = BootPlanner(
            tree: try tree.root, treeKey: "k", derived: tree.top, guest: "/bin/true", options: BootOptions())
        #expect(throws: BootPlanError.noKernel(lookedAt: KernelSearch.places)) { try planner.chooseKernel() }
    }

    @Test("takes the version that is asked for, or says which there are")
    func version() throws {
        let tree = try Tree(["boot/vmlinuz-1.0": "k", "boot/vmlinuz-2.0": "k"])
        var options = BootOptions()
        options.kernelVersion = "1.0"
        let root = try tree.root
        func choose() throws -> FoundKernel {
            try BootPlanner(tree: root, treeKey: "k", derived: tree.top, guest: "/bin/true", options: options)
                .chooseKernel()
        }
        #expect(try choose().release == "1.0")
        options.kernelVersion = "3.0"
        #expect(throws: BootPlanError.noSuchKernelVersion("3.0", available: ["2.0", "1.0"])) { try choose() }
    }
}

@Suite("What a boot has to know of a system")
struct SystemFactsTests {
    @Test("is read from its files")
    func facts() throws {
        let tree = try Tree(
            [
                "usr/lib/systemd/systemd": "s", "usr/sbin/sshd": "s", "usr/lib/systemd/system/ssh.service": "u",
                "usr/lib/systemd/network/99-default.link": "l", "etc/fstab": "# remark\nUUID=1 / ext4 defaults 0 1\n",
            ],
            links: [
                "sbin/init": "/usr/lib/systemd/systemd",
                "etc/systemd/system/multi-user.target.wants/ssh.service": "/usr/lib/systemd/system/ssh.service",
            ])
        let facts = try SystemFacts(try tree.root)
        #expect(facts.initProgram == "/sbin/init" && facts.isSystemd)
        #expect(facts.hasSSHServer && facts.sshUnit == "ssh.service" && facts.sshIsEnabled)
        #expect(
            facts.hasPredictableNames && facts.fstabNamesRoot && !facts.resolvedIsEnabled && !facts.cloudInitIsEnabled)
        #expect(
            KernelCommandLine.words(facts: facts, console: "ttyS0", isVerbose: false, extra: ["x=1"]) == [
                "console=ttyS0", "quiet", "panic=-1", "fstab=no", "selinux=0",
                "systemd.mask=systemd-remount-fs.service", "x=1",
            ])
        // Not a matter of taste: without it translated code goes on where pages have been filled from outside.
        let translated = KernelCommandLine.words(
            facts: facts, console: "ttyS0", isVerbose: false, isTranslated: true,
            tuning: KernelWords.words(
                isTranslated: true, counter: HostClock.Counter(frequency: nil), extra: [], traits: KernelTraits()),
            extra: [])
        #expect(translated.filter { $0.hasPrefix("init_on_alloc") } == ["init_on_alloc=1"])
        #expect(
            KernelCommandLine.words(
                facts: facts, console: "ttyS0", isVerbose: true, hasCloudInitSeed: true, hasIgnition: true, extra: []
            ).suffix(4) == [
                "ds=nocloud", "network-config=disabled", "ignition.firstboot", "ignition.platform.id=qemu",
            ])
    }

    @Test("an ssh server that nobody starts, and names that stay the kernel's")
    func others() throws {
        let tree = try Tree(
            [
                "usr/lib/systemd/systemd": "s", "usr/sbin/sshd": "s", "usr/lib/systemd/system/sshd.service": "u",
                "usr/lib/systemd/network/99-default.link": "l",
            ], links: ["etc/systemd/network/99-default.link": "/dev/null"])
        let facts = try SystemFacts(try tree.root)
        #expect(facts.sshUnit == "sshd.service" && !facts.sshIsEnabled)
        #expect(!facts.hasPredictableNames)
    }

    @Test("and what is missing is said")
    func missing() throws {
        let tree = try Tree([:])
        let root = try tree.root
        #expect(throws: BootPlanError.noInit(lookedAt: SystemFacts.initPlaces)) { try SystemFacts(root) }
        try Files.removeTree(tree.top.appending("etc"))
        #expect(throws: BootPlanError.missingDirectories(["/etc"])) { try SystemFacts(root) }
    }

    @Test(
        "a root in fstab is told from others",
        arguments: [
            ("/dev/vda1 / ext4\n", true), ("#/dev/vda1 / ext4\n", false), ("LABEL=x\t/\txfs\n", true),
            ("x /boot ext4\n", false), ("", false),
        ])
    func fstab(text: String, names: Bool) {
        #expect(SystemFacts.namesRoot(text) == names)
    }
}
