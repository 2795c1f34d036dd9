import LinuxSystem
import QMP
import SystemPackage
import Testing

/// Options that change how a guest comes to its root, and what prepares it.
@Suite("Options of the boot", .serialized)
struct BootOptionsTests {
    @Test("--scratch takes what does not fit into the memory, and leaves nothing on the host")
    func scratch() throws {
        let host = try Host(sharesCache: false)
        let script = """
            echo "layers $(findmnt -n -o FSTYPE /run/bcvk-guest/scratch)"
            for place in / /tmp; do echo "size $(($(df -k --output=size $place | tail -1) / 1048576))"; done
            dd if=/dev/zero of=/var/tmp/large bs=1M count=700 status=none && sync && echo "written $(stat -c %s /var/tmp/large)"
            echo "memory $(($(sed -n 's/^MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo) / 1024 < 700))"
            echo "state $(systemctl is-system-running --wait)"
            """
        let result = try host.bcvk(
            "ephemeral", "run-ssh", "--root", "writable", "--scratch", "8G", "--memory", "512M",
            try host.laboratory.image("debian13"), "--", script)
        #expect(result.exit == .exited(0), "\(result.story)")
        #expect(result.fact("layers") == "ext4", "\(result.story)")
        #expect(result.facts["size"] == ["size 7", "size 7"], "\(result.story)")
        #expect(result.fact("written") == "734003200", "\(result.story)")
        #expect(result.fact("memory") == "1")
        #expect(result.fact("state") == "running", "\(result.story)")
        #expect(try RootDirectory(host.cache).entries("tmp").map(\.name) == [])
        #expect(try host.leftovers() == [])
    }

    @Test("the image's own initramfs has them all too, and Ignition would find its configuration")
    func imageInitramfs() throws {
        let host = try Host()
        let material = try OptionsMaterial(host)
        let configuration = #"{"ignition": {"version": "3.0.0"}}"#
        try material.write(configuration + "\n", "config.ign")
        let script = """
            echo "initrd $(journalctl -b | grep -c 'Running in initrd')"
            modprobe qemu_fw_cfg
            echo "ignition $(cat /sys/firmware/qemu_fw_cfg/by_name/opt/com.coreos/config/raw)"
            echo "words $(grep -o 'ignition[^ ]*' /proc/cmdline | tr '\\n' ' ')"
            echo "root $(findmnt -n -o FSTYPE /) $(findmnt -n -o FSTYPE /etc) $(findmnt -n -o FSTYPE /run/bcvk-guest/scratch)"
            echo "share $(cat /run/virtiofs-mnt-rw/file) $(cat /srv/data/file)"
            echo "swap $(awk 'NR > 1 { print $3 }' /proc/swaps)"
            echo "unit $(systemctl is-active bcvk-test.service srv-made.mount | tr '\\n' ' ')"
            grep ^WORD= /run/bcvk-test-env; env | grep ^WORD=
            echo "state $(systemctl is-system-running --wait)"
            systemctl --failed --no-legend
            """
        let result = try host.bcvk(
            "ephemeral", "run-ssh", "--ignition", material.path("config.ign"), "--memory", "2G", "--scratch", "2G",
            "--bind", material.path("rw"), "--ro-bind", material.path("data") + ":/srv/data", "--add-swap", "64M",
            "--systemd-units", material.path("units"), "-e", "WORD=a word#",
            try host.laboratory.image("debian13-dracut"), "--", script)
        #expect(result.exit == .exited(0), "\(result.story)")
        #expect(result.fact("initrd") == "1", "\(result.story)")
        #expect(result.fact("ignition") == configuration, "\(result.story)")
        #expect(result.fact("words") == "ignition.firstboot ignition.platform.id=qemu ", "\(result.story)")
        #expect(result.fact("root") == "virtiofs overlay ext4", "\(result.story)")
        #expect(result.fact("share") == "seen data", "\(result.story)")
        #expect(result.fact("swap") == "65532", "\(result.story)")
        #expect(result.fact("unit") == "active active ", "\(result.story)")
        #expect(result.facts["WORD=a"] == ["WORD=a word#", "WORD=a word#"], "\(result.story)")
        #expect(result.fact("state") == "running", "\(result.story)")
        #expect(try host.leftovers() == [])
    }

    @Test(
        "--cloud-init and --user: user data is carried out without a network, and ssh logs in as an account of the image"
    )
    func cloudInit() throws {
        let host = try Host()
        let material = try OptionsMaterial(host)
        try material.write(
            """
            #cloud-config
            write_files:
              - path: /srv/by-cloud-init
                content: made
                permissions: "0644"
            runcmd:
              - [sh, -c, "id -un >/srv/run-by"]

            """, "user-data")
        let script = """
            cloud-init status --wait >/dev/null
            echo "user $(id -un) $(pwd) $(stat -c %U:%a ~/.ssh/authorized_keys)"
            echo "made $(cat /srv/by-cloud-init) $(cat /srv/run-by)"
            echo "source $(sed -n 's/.*DataSourceNoCloud \\[seed=\\([^]]*\\)\\].*/\\1/p' /run/cloud-init/result.json)"
            echo "status $(cloud-init status | head -1)"
            echo "online $(systemctl is-active systemd-networkd-wait-online.service)"
            echo "hostname $(cat /proc/sys/kernel/hostname)"
            """
        let start = try host.bcvk(
            "ephemeral", "run", "-d", "--wait", "ssh", "--name", "cloudy", "--user", "admin", "--network", "isolated",
            "--cloud-init", material.path("user-data"), try host.laboratory.image("debian13-cloud"))
        try #require(start.exit == .exited(0), "\(start.story)")
        let result = try host.bcvk("ephemeral", "ssh", "cloudy", "--", script)
        #expect(result.exit == .exited(0), "\(result.story)")
        #expect(result.fact("user") == "admin /home/admin admin:600", "\(result.story)")
        #expect(result.fact("made") == "made root", "\(result.story)")
        #expect(result.fact("source")?.contains("/var/lib/cloud/seed/nocloud") == true, "\(result.story)")
        #expect(result.fact("status") == "status: done", "\(result.story)")
        // It would have failed after two minutes.
        #expect(result.fact("online") == "active", "\(result.story)")
        #expect(result.fact("hostname") == "cloudy", "\(result.story)")
        try rsync(host, "cloudy")
        #expect(try host.bcvk("ephemeral", "rm", "-f", "cloudy").exit == .exited(0))
        #expect(try host.leftovers() == [])
    }

    /// A machine for the tools of ssh: a tree there and back again, with nothing but the block of ssh-config.
    private func rsync(_ host: Host, _ name: String) throws {
        let place = try host.laboratory.directory("rsync")
        try Files.createDirectories(place.appending("tree/inner"), mode: 0o751)
        try Files.writeAtomically("text\n", to: place.appending("tree/inner/file"), mode: 0o640)
        // rsync takes times of the same second for the same time: none of these may be the second of a copy.
        let before = try ChildProgram(
            "/bin/sh", ["-c", "find \(place)/tree -depth -exec touch -d '2001-02-03 04:05:06.789012345' {} +"]
        ).run()
        #expect(before.exit == .exited(0), "\(before.story)")
        let configuration = try host.bcvk("ephemeral", "ssh-config", name)
        try Files.writeAtomically(configuration.output, to: place.appending("config"))
        let shell = "ssh -F \(place)/config"
        for (source, target) in [("\(place)/tree", "\(name):"), ("\(name):tree", "\(place)/back/")] {
            let copy = try ChildProgram(
                "/usr/bin/rsync", ["-a", "--no-owner", "--no-group", "-e", shell, source, target]
            ).run()
            #expect(copy.exit == .exited(0), "\(copy.story)")
        }
        #expect(
            try TreeFingerprint.of("\(place)/back/tree") == TreeFingerprint.of("\(place)/tree"))
    }
}
