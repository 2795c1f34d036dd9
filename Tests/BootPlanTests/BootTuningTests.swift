import BootPlan
import Glibc
import GuestProtocol
import LinuxSystem
import SystemPackage
import Testing

@Suite("what a boot leaves out")
struct BootTuningTests {
    @Test("of what makes no sense without hardware, that which the image has")
    func units() throws {
        let units = ["e2scrub_reap.service", "modprobe@.service", "ssh.service"]
        let tree = try Tree(
            Dictionary(uniqueKeysWithValues: units.map { ("usr/lib/systemd/system/\($0)", "u") }))
        #expect(
            try tree.look { try UnitMasks.units(in: $0, extra: []) } == [
                "e2scrub_reap.service", "modprobe@drm.service", "modprobe@efi_pstore.service",
            ])
    }

    @Test("what was found is the same when it is found again")
    func kept() throws {
        let tree = try Tree([
            "usr/lib/systemd/system/kmod-static-nodes.service": "u",
            "usr/lib/modules/6/modules.devname": "tun net/tun c10:200",
            "usr/lib/systemd/system-generators/systemd-run-generator": "g",
        ])
        let changed = try tree.look {
            BootTuning(of: $0, release: "6", extra: [], initramfs: .own, isChanged: true)
        }
        #expect(!changed.files.contains { $0.path.contains("generators") })
        let tuning = try tree.look {
            BootTuning(of: $0, release: "6", extra: [], initramfs: .own, isChanged: false)
        }
        let again = try BootTuning(decoding: tuning.encoded())
        #expect(
            tuning.files.map(\.path) == [
                "/run/systemd/system-generators/systemd-run-generator", "/run/bcvk-guest/until-boot",
                "/run/tmpfiles.d/static-nodes.conf", "/run/systemd/system/kmod-static-nodes.service.d/bcvk.conf",
            ])
        #expect(again.maskedUnits == tuning.maskedUnits && again.files == tuning.files)
    }

    @Test("words for the kernel, more of them where instructions are translated")
    func words() throws {
        let tree = try Tree([
            "boot/config-6.1":
                "CONFIG_X=y\nCONFIG_LSM=\"landlock,bpf,apparmor\"\n# CONFIG_HZ_100 is not set\nCONFIG_HZ=250\n",
            "usr/lib/modules/6.1/modules.dep": "",
            "usr/lib/modules/6.1/modules.builtin": "kernel/crypto/jitterentropy_rng.ko\n",
        ])
        func words(_ isTranslated: Bool, _ extra: [String], isSteady: Bool = true) throws -> [String] {
            try tree.look {
                let traits = KernelTraits(of: "6.1", in: $0)
                #expect(KernelTraits(decoding: traits.encoded) == traits)
                return KernelWords.words(
                    isTranslated: isTranslated, counter: isSteady ? HostClock.Counter(frequency: 2_600_000_000) : nil,
                    extra: extra, traits: traits)
            }
        }
        let native = try words(false, [])
        #expect(!native.contains("mitigations=off") && native.contains("cryptomgr.notests"))
        #expect(!native.contains { $0.hasPrefix("lsm=") } && native.contains("sysctl.vm.compaction_proactiveness=0"))
        let translated = try words(true, ["fips=1"])
        #expect(translated.contains("mitigations=off") && !translated.contains("cryptomgr.notests"))
        #expect(translated.contains("lsm=landlock,apparmor") && translated.contains("tsc=reliable"))
        #expect(try !words(true, [], isSteady: false).contains("tsc=reliable") && !native.contains("tsc=reliable"))
        #expect(try !words(true, ["tsc=unstable"]).contains("tsc=reliable"))
        #expect(try !words(true, ["lsm=yama"]).contains { $0.hasPrefix("lsm=") })
        for list in ["\"landlock\"", "\"bpf,x y\"", "bpf", "\"", ""] {
            #expect(SecurityModules.word(withoutBPF: list, extra: []) == nil)
        }
        #expect(KernelConfiguration(Array("# CONFIG_LSM is not set\n".utf8)).value(of: "LSM") == nil)
        #expect(try Tree([:]).look { KernelTraits(of: "6.1", in: $0) } == KernelTraits())
        #expect(translated.contains("lpj=10400000") && !native.contains { $0.hasPrefix("lpj=") })
        #expect(try !words(true, ["lpj=1"]).contains { $0.hasPrefix("lpj=") })
        #expect(try !words(true, [], isSteady: false).contains { $0.hasPrefix("lpj=") })
        #expect(try words(true, []).contains("initcall_blacklist=jent_mod_init"))
        #expect(!translated.contains { $0.hasPrefix("initcall_blacklist=") })
        func frequency(_ text: String) -> Int? { HostClock.frequency(ofProcessors: Array(text.utf8)) }
        #expect(frequency("processor\t: 0\nbogomips\t: 5192.27\n") == 2_600_000_000)
        #expect(frequency("bogomips : 38.40\n") == nil && frequency("bogomips : x\n") == nil && frequency("") == nil)
        // The power button is an input device.
        #expect(!(native + translated).contains { $0.contains("evdev") || $0.contains("button") })
    }

    @Test("who gives words for the network, modules or credentials gets what reads them")
    func asked() throws {
        let names = ["systemd-network-generator.service", "systemd-modules-load.service", "systemd-sysusers.service"]
        var files = Dictionary(uniqueKeysWithValues: names.map { ("usr/lib/systemd/system/\($0)", "u") })
        files["etc/modules-load.d/modules.conf"] = "# names of modules\n\n"
        files["etc/passwd"] = "root:x:0:0::/root:/bin/sh\n"
        files["etc/group"] = "root:x:0:\n"
        func masked(_ extra: [String]) throws -> [String] {
            try Tree(files).look { try IdleUnits.units(in: $0, extra: extra) }
        }
        #expect(try Set(masked([])) == Set(names))
        #expect(try Set(masked(["ip=dhcp"])) == Set(names.dropFirst()))
        #expect(try Set(masked(["modules_load=loop"])) == [names[0], names[2]])
        #expect(try masked(["systemd.set_credential=a:b"]) == [names[1]])
        files["etc/modules-load.d/modules.conf"] = "loop\n"
        #expect(try Set(masked([])) == [names[0], names[2]])
        files["usr/lib/sysusers.d/x.conf"] = "u new - \"New\" -\n"
        #expect(try masked([]) == [names[0]])
    }

    @Test(
        "an account that is declared and there, and such as are not",
        arguments: [
            ("u daemon 1 - -", true), ("u! daemon - -", true), ("g adm 4", true), ("m daemon adm", true),
            ("r - 500-900", true), ("u other -", false), ("g other", false), ("m root adm", false), ("u lone 5", false),
            ("u lone 5:4", true), ("u %m -", false), ("x daemon", false), ("u", false), ("u \"daemon\" -", false),
        ])
    func accounts(line: String, isThere: Bool) {
        let result = DeclaredAccounts.isThere(
            line[...], users: ["root", "daemon", "lone"], groups: ["daemon": [], "adm": ["daemon"]])
        #expect(result == isThere)
    }

    @Test("generators that find nothing, unless there is something for them")
    func generators() throws {
        let names = ["systemd-cryptsetup-generator", "systemd-sysv-generator", "systemd-fstab-generator"]
        var files = Dictionary(
            uniqueKeysWithValues: names.map { ("usr/lib/systemd/system-generators/\($0)", "g") })
        let first = try Tree(files).look { try GeneratorMasks.files(in: $0, extra: ["x=y"]) }
        #expect(
            first.map(\.path) == names.prefix(2).map { "/run/systemd/system-generators/\($0)" }
                && first.allSatisfy { $0.content == .bytes([]) })
        #expect(try Tree(files).look { try GeneratorMasks.files(in: $0, extra: ["rd.luks.uuid=1"]) }.count == 1)
        files["etc/crypttab"] = "x\n"
        files["etc/init.d/old"] = "#!/bin/sh\n"
        let tree = try Tree(files)
        #expect(chmod(tree.top.appending("etc/init.d/old").string, 0o755) == 0)
        #expect(try tree.look { try GeneratorMasks.files(in: $0, extra: ["x=y"]) }.isEmpty)
        files["usr/lib/systemd/system/old.service"] = "u"
        #expect(try Tree(files).look { try GeneratorMasks.files(in: $0, extra: ["x=y"]) }.count == 1)
    }

    @Test("the journal's way to the disk is begun after the boot, unless somebody has changed its unit")
    func lateUnits() throws {
        let unit = "systemd-journal-flush.service"
        var files = ["usr/lib/systemd/system/\(unit)": "u"]
        func made() throws -> [String: GuestFile.Content] {
            let tuning = try Tree(files).look {
                BootTuning(of: $0, release: "6", extra: [], initramfs: .own, isChanged: false)
            }
            return Dictionary(uniqueKeysWithValues: tuning.files.map { ($0.path, $0.content) })
        }
        let late = try made()
        #expect(late["/run/bcvk-guest/after-boot"] == .bytes(Array("\(unit)\n".utf8)))
        #expect(late["/run/systemd/system/\(unit).d/bcvk.conf"] != nil)
        files["etc/systemd/system/\(unit).d/x.conf"] = "[Unit]\n"
        #expect(try made()["/run/bcvk-guest/after-boot"] == nil)
    }

    @Test("generators whose work is known beforehand, unless somebody has words or credentials for them")
    func knownGenerators() throws {
        let names = ["systemd-debug-generator", "systemd-fstab-generator", "systemd-getty-generator"]
        var files = Dictionary(
            uniqueKeysWithValues: names.map { ("usr/lib/systemd/system-generators/\($0)", "g") })
        func made(_ extra: [String] = [], hasMask: Bool = false) throws -> Set<String> {
            let made = try Tree(files).look {
                try GeneratorMasks.files(in: $0, extra: extra, console: "ttyX0", hasMaskInWords: hasMask)
            }
            return Set(made.map { $0.path.split(separator: "/").last.map(String.init) ?? "" })
        }
        // Without the login's unit it is left to the generator what is to be done.
        #expect(try made() == Set(names.prefix(2)))
        files["usr/lib/systemd/system/serial-getty@.service"] = "u"
        #expect(try made() == Set(names + ["serial-getty@ttyX0.service"]))
        #expect(try made(hasMask: true) == Set(names.dropFirst() + ["serial-getty@ttyX0.service"]))
        #expect(try made(["systemd.wants=x"]).isEmpty)
        files["etc/credstore/getty.auto"] = "c"
        #expect(try made().isEmpty)
    }

    @Test("the kernel's file systems as their units have them, but none that somebody has changed")
    func mounts() throws {
        let unit = "[Unit]\nDescription=d\n[Mount]\nWhat=mqueue\nWhere=/dev/mqueue\nType=mqueue\nOptions=nosuid\n"
        let name = "dev-mqueue.mount"
        let files = [
            "usr/lib/systemd/system/\(name)": unit, "usr/lib/systemd/system/sysinit.target.wants/\(name)": "",
        ]
        let expected = GuestMount(
            source: "mqueue", place: "/dev/mqueue", type: "mqueue", options: "nosuid", loader: nil)
        #expect(try Tree(files).look { try KernelMounts.mounts(in: UnitDirectory($0)) } == [expected])
        for change in ["\(name).d/x.conf", name] {
            var changed = files
            changed["etc/systemd/system/\(change)"] = "[Mount]\nOptions=ro\n"
            #expect(try Tree(changed).look { try KernelMounts.mounts(in: UnitDirectory($0)) }.isEmpty)
        }
        var unwanted = files
        unwanted["usr/lib/systemd/system/sysinit.target.wants/\(name)"] = nil
        #expect(try Tree(unwanted).look { try KernelMounts.mounts(in: UnitDirectory($0)) }.isEmpty)
    }

    @Test("an odd file is left to systemd, and costs no machine its start")
    func oddities() throws {
        let tree = try Tree(
            ["usr/lib/systemd/system/systemd-sysusers.service": "u", "usr/lib/sysusers.d/a.conf/inner": "a directory"],
            links: ["etc/ld.so.cache": "ld.so.cache", "etc/modules-load.d/x.conf": "/dev"])
        let tuning = try tree.look {
            BootTuning(of: $0, release: "6", extra: [], initramfs: .own, isChanged: false)
        }
        #expect(tuning.files.map(\.path) == ["/run/bcvk-guest/until-boot"])
    }

    @Test("a library is where its version's link leads, but not where an alternative does")
    func alternatives() throws {
        let tree = try Tree(
            ["usr/lib/a.so.1.2": "a", "usr/lib/atlas/b.so.3": "b"],
            links: ["lib": "usr/lib", "usr/lib/a.so.1": "a.so.1.2", "usr/lib/b.so.3": "/etc/alternatives/b"])
        try Files.writeAtomically(
            Self.cache(["/lib/a.so.1", "/lib/b.so.3"]), to: tree.top.appending("etc/ld.so.cache"))
        let file = try #require(try tree.look { try LibraryCache.file(in: $0) })
        guard case .bytes(let bytes) = file.content else { return #expect(Bool(false), "not a file") }
        #expect(Self.paths(of: bytes) == ["/usr/lib/a.so.1.2", "/usr/lib/b.so.3"])
    }

    @Test("static device nodes as kmod writes them")
    func nodes() {
        let text = "# Device nodes\nfuse fuse c10:229\ntun net/tun c10:200\nloop loop-control c10:237\nx blk b7:0\n"
        let expected =
            "c! /dev/fuse 0600 - - - 10:229\nd /dev/net 0755 - - -\nc! /dev/net/tun 0600 - - - 10:200\n"
            + "c! /dev/loop-control 0600 - - - 10:237\nb! /dev/blk 0600 - - - 7:0\n"
        #expect(StaticNodes.lines(text) == expected)
        #expect(StaticNodes.lines("fuse fuse c10\n") == nil && StaticNodes.lines("fuse fuse\n") == nil)
    }

    @Test("devices that no rule names")
    func events() throws {
        let unit = "[Service]\nExecStart=-udevadm trigger --type=devices --action=add\n"
        let addition = try #require(DeviceEvents.addition(to: unit, without: ["vc", "drivers"]))
        #expect(
            addition == "[Service]\nExecStart=\nExecStart=-udevadm trigger --type=devices --action=add"
                + " --subsystem-nomatch=vc --subsystem-nomatch=drivers\n")
        #expect(DeviceEvents.addition(to: "[Service]\nExecStart=/bin/other\n", without: ["vc"]) == nil)
        #expect(DeviceEvents.named(in: "SUBSYSTEM==\"block|bdi\", ACTION==\"add\"") == ["block", "bdi"])
        #expect(DeviceEvents.named(in: "KERNEL==\"x\", SUBSYSTEMS==\"wake*\"").contains("wakeup"))
        #expect(!DeviceEvents.named(in: "SUBSYSTEM!=\"?*\"").contains("wakeup"))
        // More is asked of it than is usual: udevadm does it.
        let special = try Tree([
            "usr/lib/systemd/system/systemd-udev-trigger.service": unit
                + "ExecStart=udevadm trigger --subsystem-match=x\n",
            "usr/lib/udev/rules.d/50.rules": "# SUBSYSTEM==\"vc\"\nSUBSYSTEM==\"bdi\", TAG+=\"t\"\n",
        ])
        let files = try special.look { try DeviceEvents.files(in: $0, release: "6") }
        #expect(files.count == 1)
        let text = try Self.text(files[0])
        #expect(text.contains("nomatch=vc") && !text.contains("nomatch=bdi"))
        #expect(DeviceEvents.announcement(of: "ExecStart=-udevadm trigger --type=all --action=change\n") == nil)
        #expect(DeviceEvents.announcement(of: "ExecStart=-udevadm trigger --type=devices --action=add\n") == nil)
        #expect(
            DeviceEvents.announcement(
                of: "ExecStart=-/bin/udevadm trigger --type=all --action=add --prioritized-subsystem=net,tty\n")
                == ["module", "net", "tty"])
    }

    @Test("devices of which only the node's mode is wanted, and modules that no rule names")
    func announced() throws {
        let unit =
            "ExecStart=-udevadm trigger --type=subsystems --action=add\nExecStart=-udevadm trigger --type=devices --action=add\n"
        let tree = try Tree([
            "usr/lib/systemd/system/systemd-udev-trigger.service": unit,
            "usr/lib/udev/rules.d/50.rules": """
            SUBSYSTEM=="tty", KERNEL=="tty[0-9]*|hvc*", GROUP="tty", MODE="0600"
            SUBSYSTEM=="vc", GROUP="7"
            SUBSYSTEM=="module", KERNEL=="fuse|x*", TAG+="systemd"

            """, "etc/group": "root:x:0:\ntty:x:5:\n",
            "usr/lib/modules/6/modules.alias":
                "# x\nalias acpi*:PNP0C0C:* b\nalias acpi*:LNXPWRBN:* b\nalias pci:v1 y\n",
        ])
        let files = try tree.look { try DeviceEvents.files(in: $0, release: "6") }
        #expect(
            try Self.text(files[0])
                == "[Service]\nExecStart=\nExecStart=-/run/bcvk-guest/bcvk-guest announce-devices\n")
        let lines = Set(try Self.text(files[1]).split(separator: "\n"))
        #expect(
            lines.isSuperset(of: ["skip drivers", "first module", "only module", "name module fuse", "name module x*"]))
        #expect(lines.isSuperset(of: ["node tty tty[0-9]* 5 600", "node vc * 7 660"]))
        #expect(lines.isSuperset(of: ["only acpi", "driven acpi :LNXPWRBN:PNP0C0C:"]))
        #expect(!lines.contains("skip vc"))
        func identifiers(_ text: String) -> [String]? { FirmwareDevices.identifiers(aliases: Array(text.utf8)) }
        #expect(identifiers("alias acpi*:A:* x\nalias acpi*:A:* y\n") == ["A"] && identifiers("") == [])
        #expect(identifiers("alias acpi*:A*:* x\n") == nil && identifiers("alias acpi:A x\n") == nil)
    }

    private static func text(_ file: GuestFile) throws -> String {
        let bytes: [UInt8]? = if case .bytes(let bytes) = file.content { bytes } else { nil }
        return String(decoding: try #require(bytes), as: UTF8.self)
    }

    @Test("the linker's cache leads to real files, and is left alone where it does or is none")
    func libraries() throws {
        let paths = ["/lib/a.so.1", "/usr/lib/b.so"]
        let bytes = Self.cache(paths)
        let resolved = try #require(
            LibraryCache.resolved(bytes) { $0 == paths[0] ? "/usr/lib/a.so.1.2" : $0 })
        #expect(Self.paths(of: resolved) == ["/usr/lib/a.so.1.2", paths[1]])
        #expect(LibraryCache.resolved(bytes) { $0 } == nil)
        #expect(LibraryCache.resolved(bytes) { _ in nil } == nil)
        for length in 0..<bytes.count {
            // Cut off anywhere: no harm, and no other file than those that were meant.
            let cut = LibraryCache.resolved(Array(bytes[..<length])) { _ in "/x" }
            #expect(cut == nil || Self.paths(of: cut ?? []).allSatisfy { $0 == "/x" })
        }
    }

    /// A cache as ldconfig writes it, of these libraries.
    private static func cache(_ paths: [String]) -> [UInt8] {
        var bytes = Array("glibc-ld.so.cache1.1".utf8) + number(paths.count)
        bytes += [UInt8](repeating: 0, count: 48 - bytes.count)
        var strings: [UInt8] = []
        let start = 48 + 24 * paths.count
        for path in paths {
            bytes += number(0x303) + number(start + strings.count) + number(start + strings.count)
            bytes += [UInt8](repeating: 0, count: 12)
            strings += Array(path.utf8) + [0]
        }
        return bytes + strings
    }

    private static func paths(of cache: [UInt8]) -> [String] {
        func number(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(cache[offset + $1]) << (8 * $1) } }
        return (0..<number(20)).map { index in
            String(decoding: cache[number(48 + 24 * index + 8)...].prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private static func number(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
