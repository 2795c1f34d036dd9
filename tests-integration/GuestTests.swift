import LinuxSystem
import QMP
import Testing

/// What a guest finds: its root, its services, its identity.
@Suite("A guest", .serialized)
struct GuestTests {
    private static let look = """
        findmnt --noheadings --output FSTYPE,OPTIONS / | sed 's/^/root /'
        for d in /etc /var /root /home /opt /srv /mnt /tmp; do touch $d/x && echo "writable $d"; done
        touch /usr/x 2>/dev/null && echo 'writable /usr'
        echo "state $(systemctl is-system-running --wait)"
        systemctl --failed --no-legend | sed 's/^/failed /'
        echo "sample $(systemctl is-active bcvk-sample.service) $(cat /run/bcvk-sample)"
        echo "kernel $(uname -r)"
        echo "hostname $(hostname)"
        echo "machine-id $(cat /etc/machine-id)"
        echo "interface $(ip -o -4 addr show scope global | awk '{print $2, $4}' | sort -u)"
        echo "resolver $(grep -m1 '^nameserver' /etc/resolv.conf)"
        """

    @Test(
        "has a bootc deployment's root, runs the image's services and leaves the tree as it was",
        arguments: ["debian13", "debian12"])
    func bootc(name: String) throws {
        let host = try Host()
        let image = try host.laboratory.image(name)
        let tree = try #require(try host.bcvk("images", "pull", "--json", image).json()["tree"]?.stringValue)
        let before = try TreeFingerprint.of(tree)
        let result = try host.bcvk("ephemeral", "run-ssh", "--name", "guest", image, "--", Self.look)
        #expect(result.exit == .exited(0), "\(result.story)")
        let facts = result.facts
        #expect(facts["root"]?.first?.hasPrefix("root virtiofs ro") == true, "\(result.story)")
        let places = ["/etc", "/var", "/root", "/home", "/opt", "/srv", "/mnt", "/tmp"]
        #expect(facts["writable"] == places.map { "writable \($0)" })
        #expect(facts["state"] == ["state running"], "\(result.story)")
        #expect(facts["failed"] == nil)
        #expect(facts["sample"] == ["sample active sample"])
        #expect(facts["hostname"] == ["hostname guest"])
        #expect(facts["interface"] == ["interface enp0s2 10.0.2.15/24"], "\(result.story)")
        #expect(facts["resolver"] == ["resolver nameserver 10.0.2.3"])
        #expect(try TreeFingerprint.of(tree) == before)
        #expect(try host.leftovers() == [])
    }

    @Test("may have everything writable, and the tree stays as it was all the same")
    func writable() throws {
        let host = try Host()
        let image = try host.laboratory.image("debian13")
        let tree = try #require(try host.bcvk("images", "pull", "--json", image).json()["tree"]?.stringValue)
        let before = try TreeFingerprint.of(tree)
        let result = try host.bcvk(
            "ephemeral", "run-ssh", "--root", "writable", "--memory", "2G", "--vcpus", "1", image, "--",
            Self.look + "\nrm -rf /usr/share/bug; chmod 700 /usr/bin/true; nproc")
        #expect(result.exit == .exited(0), "\(result.story)")
        #expect(result.facts["root"]?.first?.hasPrefix("root overlay rw") == true, "\(result.story)")
        #expect(result.facts["writable"]?.contains("writable /usr") == true)
        #expect(result.facts["state"] == ["state running"], "\(result.story)")
        #expect(result.text.hasSuffix("\n1\n"))
        #expect(try TreeFingerprint.of(tree) == before)
    }

    @Test("of an image with a unified kernel image only")
    func unified() throws {
        let host = try Host()
        let result = try host.bcvk(
            "ephemeral", "run-ssh", try host.laboratory.image("debian13-uki"), "--",
            "ls /boot /usr/lib/modules/*/vmlinuz; systemctl is-system-running --wait")
        #expect(result.text.hasSuffix("running\n"), "\(result.story)")
        #expect(!result.text.contains("vmlinuz"))
    }

    @Test("may start through the image's own initramfs")
    func imageInitramfs() throws {
        let host = try Host()
        let result = try host.bcvk(
            "ephemeral", "run-ssh", "--initramfs", "image", "--memory", "2G",
            try host.laboratory.image("debian13-dracut"), "--",
            Self.look + "\njournalctl -b | grep -c 'Running in initrd'")
        #expect(result.exit == .exited(0), "\(result.story)")
        #expect(result.facts["root"]?.first?.hasPrefix("root virtiofs ro") == true, "\(result.story)")
        #expect(result.facts["state"] == ["state running"], "\(result.story)")
        #expect(result.text.hasSuffix("\n1\n"), "\(result.story)")
    }
}
