import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// Disks as libvirt's domains, on a libvirtd that belongs to the test alone. `qemu:///session` starts one for an ordinary user, and
/// takes all its places from the environment; for `qemu:///system` there is one in a mount namespace.
@Suite("libvirt", .serialized, .enabled(if: geteuid() == 0))
struct LibvirtTests {
    private func host() throws -> Host {
        var host = try Host(.ordinary)
        let home = try directory(host, "libvirt")
        host.variables = [
            "HOME=\(home)", "XDG_RUNTIME_DIR=\(home)/run", "XDG_CONFIG_HOME=\(home)/config",
            "XDG_CACHE_HOME=\(home)/cache", "XDG_DATA_HOME=\(home)/data",
        ]
        try Files.createDirectories(home.appending("run"))
        try give(home.appending("run"), to: host)
        return host
    }

    private func directory(_ host: Host, _ name: String) throws -> FilePath {
        let path = try host.laboratory.directory(name)
        try give(path, to: host)
        return path
    }

    private func give(_ path: FilePath, to host: Host) throws {
        let result = try ChildProgram("/bin/chown", [host.user.name, path.string]).run()
        try #require(result.exit == .exited(0), "\(result.story)")
    }

    private func libvirt(_ host: Host, _ words: String...) throws -> ProgramResult {
        try host.bcvk(["libvirt", words[0], "--connect", "qemu:///session"] + words.dropFirst())
    }

    private func validate(_ host: Host, _ xml: [UInt8]) throws {
        let file = try host.laboratory.directory("xml").appending("domain.xml")
        try Files.writeAtomically(xml, to: file)
        let tool = try #require(ProgramSearch.find("virt-xml-validate"))
        let result = try ChildProgram(tool, [file.string, "domain"]).run()
        #expect(result.exit == .exited(0), "\(result.story)")
    }

    @Test("takes a domain for a disk, starts it, and ssh logs in")
    func disk() throws {
        let host = try host()
        let disk = try directory(host, "disks").appending("web.qcow2")
        let made = try host.bcvk(
            "to-disk", "--firmware", "uefi", try host.laboratory.image("debian13"), disk.string)
        try #require(made.exit == .exited(0), "\(made.story)")
        let xml = try host.bcvk("libvirt", "xml", "--memory", "1G", "--accel", "tcg", disk.string)
        #expect(xml.exit == .exited(0), "\(xml.story)")
        try validate(host, xml.output)

        let defined = try libvirt(host, "define", "--memory", "1G", "--accel", "tcg", disk.string)
        try #require(defined.exit == .exited(0), "\(defined.story)")
        #expect(defined.text == "web\n")
        #expect(try libvirt(host, "start", "web").exit == .exited(0))
        let answer = try libvirt(
            host, "ssh", "--boot-timeout", "500", "web", "systemctl is-system-running --wait; exit 7")
        #expect(answer.exit == .exited(7) && answer.text == "running\n", "\(answer.story)")
        let listed = try libvirt(host, "list", "--json").json().elements
        #expect(listed.map { $0["name"]?.stringValue } == ["web"])
        #expect(listed.first?["state"]?.stringValue == "running")
        let refused = try libvirt(host, "rm", "web")
        #expect(refused.exit == .exited(125) && refused.complaint.contains("running"), "\(refused.story)")
        let replaced = try host.bcvk(
            "to-disk", "--firmware", "uefi", "--karg", "x", try host.laboratory.image("debian13"), disk.string)
        #expect(replaced.exit == .exited(125) && replaced.complaint.contains("in use"), "\(replaced.story)")
        let stopped = try libvirt(host, "stop", "--timeout", "120", "web")
        #expect(stopped.exit == .exited(0) && stopped.complaint.isEmpty, "\(stopped.story)")
        #expect(try libvirt(host, "rm", "web").exit == .exited(0))
        #expect(try libvirt(host, "list", "--json").json().elements.isEmpty)
        #expect(Files.exists(disk))
    }

    @Test("takes, starts and ends a domain on qemu:///system, and the disk is root's again afterwards")
    func system() throws {
        let host = try Host()
        let disk = try host.laboratory.directory("disks", mode: 0o755).appending("web.qcow2")
        let made = try host.bcvk("to-disk", "--firmware", "bios", try host.laboratory.image("debian13"), disk.string)
        try #require(made.exit == .exited(0), "\(made.story)")
        // Where its probe of QEMU opens /dev/kvm, but the account that runs machines may not, libvirt probes anew for every command:
        // here it is no device at all. A mount in /dev is what libvirt's own mount namespaces do not survive.
        let daemon = try MountNamespace(
            """
            for place in /run /etc/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt; do
                mount -t tmpfs -o mode=755 tmpfs $place
            done
            mkdir /run/lock /var/lib/libvirt/qemu
            touch /run/no-kvm; chmod 600 /run/no-kvm; [ ! -e /dev/kvm ] || mount --bind /run/no-kvm /dev/kvm
            echo 'namespaces = []' >/etc/libvirt/qemu.conf
            /usr/sbin/virtlogd -d; /usr/sbin/libvirtd -d
            """)
        defer {
            do {
                try daemon.run(#"for name in libvirtd virtlogd; do kill "$(cat /run/$name.pid)"; done"#)
            } catch {
                Issue.record(error)
            }
        }
        func libvirt(_ words: String...) throws -> ProgramResult {
            let result = try daemon.inside(
                host.program(["libvirt", words[0], "--connect", "qemu:///system"] + words.dropFirst())
            ).run()
            #expect(result.exit == .exited(0), "\(result.story)")
            return result
        }
        #expect(try libvirt("define", "--memory", "1G", "--accel", "tcg", disk.string).text == "web\n")
        _ = try libvirt("start", "web")
        #expect(try libvirt("list", "--json").json().elements.first?["state"]?.stringValue == "running")
        // Its QEMU is not root's, and neither is the disk as long as it runs.
        #expect(try owner(disk) != 0)
        _ = try libvirt("stop", "--force", "web")
        #expect(try owner(disk) == 0)
        _ = try libvirt("rm", "web")
        #expect(try libvirt("list", "--json").json().elements.isEmpty)
    }

    private func owner(_ path: FilePath) throws -> UInt32 {
        try OwnedDescriptor(opening: path, .readOnly).status().owner
    }

    @Test("gets a domain for an image by direct kernel boot, with the tree shared read-only")
    func image() throws {
        let host = try host()
        let xml = try host.bcvk(
            "libvirt", "xml", "--name", "box", "--accel", "tcg", try host.laboratory.image("debian13"))
        #expect(xml.exit == .exited(0), "\(xml.story)")
        try validate(host, xml.output)
        #expect(xml.text.contains("virtiofs") && xml.text.contains("<readonly/>"))
        let tool = try #require(ProgramSearch.find("virsh"))
        let version = try ChildProgram(tool, ["--version"]).run().text
        let major = try #require(version.split(separator: ".").first.flatMap { Int($0) })
        let defined = try libvirt(
            host, "define", "--name", "box", "--accel", "tcg", try host.laboratory.image("debian13"))
        if major < 11 {
            #expect(defined.exit == .exited(125), "\(defined.story)")
            #expect(defined.complaint.contains("cannot share a directory read-only"), "\(defined.story)")
            #expect(defined.complaint.contains("bcvk to-disk"), "\(defined.story)")
        } else {
            #expect(defined.exit == .exited(0) && defined.text == "box\n", "\(defined.story)")
            #expect(try libvirt(host, "rm", "box").exit == .exited(0))
        }
    }

    @Test("is asked for nothing that is not there")
    func badInput() throws {
        let host = try host()
        let missing = try libvirt(host, "ssh", "nobody")
        #expect(missing.exit == .exited(125) && missing.complaint.contains("nobody"), "\(missing.story)")
        let file = try host.laboratory.directory("xml", mode: 0o755).appending("text")
        try Files.writeAtomically("no disk\n", to: file, mode: 0o644)
        let bad = try host.bcvk("libvirt", "xml", file.string)
        #expect(bad.exit == .exited(125) && bad.complaint.contains("no GUID partition table"), "\(bad.story)")
    }
}
