import LinuxSystem
import Testing

/// What a boot leaves out, seen from inside: nobody would notice.
@Suite("A shorter boot", .serialized)
struct TuningTests {
    /// Nodes of devices that are not announced to udev, and the names that it makes for them; what is begun after the boot.
    private static let look = """
        systemctl is-system-running --wait > /dev/null
        udevadm settle
        find /dev \\( -name 'tty*' -o -name 'vcs*' -o -name ptmx -o -path '/dev/char/[47]:*' \\) \
            -printf 'node %p %y %m %u %g %l\\n' | sort
        kept() { ls -d /var/log/journal/*/system.journal | wc -l; }
        echo "journal $(systemctl is-active systemd-journal-flush.service) $(kept) $(journalctl -b -q -n1 -o cat _PID=1 | wc -l)"
        logins() { systemctl list-dependencies --plain getty.target | grep -c serial; }
        echo "login $(systemctl is-active serial-getty@ttyS0.service) $(logins)"
        echo "kept $(ls /run/systemd/system-generators 2> /dev/null | wc -l)"
        echo "modules $(ls -d /sys/module/autofs4 /sys/module/ip_tables /sys/module/configfs | wc -l)"
        echo "bpf $(findmnt -n -o FSTYPE,OPTIONS /sys/fs/bpf)"
        systemctl daemon-reload
        echo "again $(logins)"
        """

    @Test("has the same device nodes, login, modules and journal", arguments: ["debian13", "debian12"])
    func same(name: String) throws {
        let host = try Host()
        let image = try host.laboratory.image(name)
        let tuned = try host.bcvk("ephemeral", "run-ssh", "--memory", "2G", image, "--", Self.look)
        let whole = try host.bcvk("ephemeral", "run-ssh", "--memory", "2G", "--no-tuning", image, "--", Self.look)
        #expect(tuned.exit == .exited(0) && whole.exit == .exited(0), "\(tuned.story)\(whole.story)")
        let nodes = try #require(whole.facts["node"])
        // As many terminals as the kernel has, and memory for each that was opened.
        #expect(nodes.count > 130)
        for (own, other) in zip(tuned.facts["node"] ?? [], nodes) { #expect(own == other) }
        #expect(tuned.facts["node"]?.count == nodes.count, "\(tuned.story)")
        for fact in ["journal", "login", "modules", "bpf", "again"] {
            #expect(tuned.fact(fact) == whole.fact(fact), "\(fact): \(tuned.story)\(whole.story)")
        }
        #expect(tuned.fact("journal") == "active 1 1" && tuned.fact("login") == "active 1", "\(tuned.story)")
        #expect(tuned.fact("kept") == "0", "\(tuned.story)")
    }
}
