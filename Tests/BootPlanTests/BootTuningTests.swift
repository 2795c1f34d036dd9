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

    @Test("static device nodes as kmod writes them")
    func nodes() {
        let text = "# Device nodes\nfuse fuse c10:229\ntun net/tun c10:200\nloop loop-control c10:237\nx blk b7:0\n"
        let expected =
            "c! /dev/fuse 0600 - - - 10:229\nd /dev/net 0755 - - -\nc! /dev/net/tun 0600 - - - 10:200\n"
            + "c! /dev/loop-control 0600 - - - 10:237\nb! /dev/blk 0600 - - - 7:0\n"
        #expect(StaticNodes.lines(text) == expected)
        #expect(StaticNodes.lines("fuse fuse c10\n") == nil && StaticNodes.lines("fuse fuse\n") == nil)
    }
}
