import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// What root in a guest tries against the host's files. That a supervisor of the same image still answers is looked at each time.
@Suite("A hostile guest's files", .serialized)
struct HostileFilesTests {
    /// Attempts to change what is in directory `$1`, where the host has a file `$2`, a directory `$3` and a link `$4`.
    private static let changes =
        HostileGuest.prelude + """
            cd "$1" && export v="$2" d="$3" l="$4"
            try create touch new
            try append sh -c 'echo x >>"$v"'
            try truncate sh -c ': >"$v"'
            try truncate-by-size truncate -s 0 "$v"
            try allocate fallocate -l 4096 "$v"
            try directory mkdir new
            try remove-directory rmdir "$d"
            try remove rm -f "$v"
            try remove-link rm -f "$l"
            try rename mv "$v" other
            try rename-over mv -f "$d" "$l"
            try exchange perl -e 'exit !(syscall(316, -100, $ENV{v}, -100, $ENV{l}, 2) == 0)'
            try hard-link ln "$v" other
            try symbolic-link ln -s /etc/passwd new
            try character-device mknod new c 1 3
            try block-device mknod new b 254 0
            try queue mkfifo new
            try socket perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "new", Listen => 1) or exit 1'
            try mode chmod 4777 "$v"
            try owner chown 1234:1234 "$v"
            try time touch -d @0 "$v"
            try user-attribute perl -e 'exit !(syscall(188, $ENV{v}, "user.x", "y", 1, 0) == 0)'
            try trusted-attribute perl -e 'exit !(syscall(188, $ENV{v}, "trusted.x", "y", 1, 0) == 0)'
            try capability perl -e '$v = pack("V5", 0x2000001, 1, 0, 0, 0);
                exit !(syscall(188, $ENV{v}, "security.capability", $v, 20, 0) == 0)'
            try unnamed perl -e 'exit !(syscall(2, ".", 0x410002, 0600) >= 0)'
            try open-for-writing perl -e 'open(F, "+<", $ENV{v}) or exit 1'
            try immutable perl -e 'open(F, "<", $ENV{v}); $f = pack("L", 16); ioctl(F, 0x40086602, $f) or exit 1'
            try move-in mv /tmp/mine .
            try move-out mv "$v" /tmp/stolen
            """
    private static let changeCount = 29
    private static let names = ["/mnt/shared", "victim", "directory", "link"]

    /// A directory of the host with what the attempts are about, beside something that no guest is given.
    private func prepare(_ host: Host) throws -> FilePath {
        let top = try host.laboratory.directory("hostile", mode: 0o755)
        for path in ["shared/directory", "writable"] {
            try Files.createDirectories(top.appending(path), mode: 0o755)
        }
        try Files.writeAtomically("keep me\n", to: top.appending("shared/victim"), mode: 0o644)
        try Files.writeAtomically(Self.secret, to: top.appending("secret"), mode: 0o600)
        try #require(symlink("victim", top.appending("shared/link").string) == 0)
        return top
    }

    private static let secret = "what no guest may read"

    @Test("neither change the image's tree nor a read-only share, and nothing is made that leads out")
    func readOnly() throws {
        let host = try Host()
        let top = try prepare(host)
        let image = try host.laboratory.image("debian13")
        let tree = try #require(try host.bcvk("images", "pull", "--json", image).json()["tree"]?.stringValue)
        let shared = top.appending("shared").string
        let before = try (TreeFingerprint.of(tree), TreeFingerprint.of(shared))
        let guest = try HostileGuest(
            host, options: ["--ro-bind", "\(shared):/mnt/shared", "--bind", "\(top)/writable:/mnt/writable"])
        let witness = try HostileGuest(host, name: "witness")
        let atStart = try guest.supervisor()
        HostileGuest.expectRefused(
            try guest.attack(Self.changes, Self.names), Self.changeCount)
        // The same once more, after what root in the guest can do about it.
        HostileGuest.expectRefused(
            try guest.attack(
                "mount -o remount,rw,suid,dev /mnt/shared; touch /tmp/mine\n" + Self.changes, Self.names),
            Self.changeCount)
        // The tree is mounted once more, for writing as far as the guest's kernel is concerned.
        let treeAttack =
            """
            tag=$(awk '$2 == "/" && $3 == "virtiofs" { print $1 }' /proc/mounts)
            mkdir -p /tmp/tree && mount -t virtiofs "$tag" /tmp/tree && mount -o remount,rw,suid,dev /tmp/tree
            test -f /tmp/tree/etc/debian_version || exit 1

            """ + Self.changes
        HostileGuest.expectRefused(
            try guest.attack(treeAttack, ["/tmp/tree/etc", "debian_version", "apt", "mtab"]), Self.changeCount)
        // Device nodes in what it may write are refused too; links there are its own business and lead nowhere on the host.
        HostileGuest.expectRefused(
            try guest.attack(
                HostileGuest.prelude + """
                    cd /mnt/writable; mount -o remount,suid,dev /mnt/writable
                    ln -s / out; ln -s ../secret up; ln -s /proc/self/root/\(top)/secret far
                    try character-device mknod null c 1 3
                    try block-device mknod disk b 254 0
                    try absolute-link grep -q 'no guest may read' far
                    try upward-link grep -q 'no guest may read' up
                    try upward-path grep -rq 'no guest may read' ..
                    try hard-link-across ln /mnt/shared/victim here
                    try rename-across perl -e 'exit !rename("/mnt/shared/victim", "here")'
                    try rename-up perl -e 'exit !rename("out", "../../out")'
                    """), 8)
        try expectNoHandles(guest)
        #expect(try TreeFingerprint.of(tree) == before.0)
        #expect(try TreeFingerprint.of(shared) == before.1)
        #expect(try RootDirectory(top).entries("/").map(\.name).sorted() == ["secret", "shared", "writable"])
        try expectAlive(witness)
        try expectUnchanged(guest, atStart)
        try guest.remove()
        try witness.remove()
        #expect(try host.leftovers() == [])
    }

    /// Files by handle (open_by_handle_at(2)) reach nothing that has no name below the share.
    private func expectNoHandles(_ guest: HostileGuest) throws {
        let script = """
            perl -e '
                opendir(D, "/mnt/writable"); open(M, "<", "/mnt/writable") or die; my $mount = fileno(M); my $opened = 0;
                for my $kind (0x81, 0x82, 1, 2) {
                    for my $node (0 .. 2000) {
                        my $handle = pack("LLQLQL", $kind == 2 || $kind == 0x82 ? 24 : 12, $kind, $node, 0, 1, 0);
                        my $file = syscall(304, $mount, $handle, 0);
                        next if $file < 0;
                        $opened++;
                        open(my $in, "<&=", $file) or next;
                        my $text = ""; sysread($in, $text, 100);
                        print "breach handle $node\\n" if $text =~ /no guest may read/;
                    }
                }
                print "handles tried\\n"'
            """
        let result = try guest.attack(script)
        #expect(result.facts["breach"] == nil && result.text.contains("handles tried"), "\(result.story)")
    }

    private func expectAlive(_ witness: HostileGuest) throws {
        let answer = try witness.attack("hostname")
        #expect(answer.text == "\(witness.name)\n", "\(answer.story)")
    }

    private func expectUnchanged(_ guest: HostileGuest, _ before: (descriptors: Int, kibibytes: Int)) throws {
        #expect(try eventually { try guest.supervisor().descriptors == before.descriptors })
        #expect(try guest.supervisor().kibibytes < before.kibibytes + (32 << 10))
    }

    /// How many files: contrib/test makes few, `BCVK_TEST_FILES=10000000` as many as one likes.
    private static let fileCount = getenv("BCVK_TEST_FILES").flatMap { Int(String(cString: $0)) } ?? 3000

    @Test("may fill a share's disk and its table of files: the guest is told, and nobody else notices")
    func full() throws {
        let host = try Host()
        let top = try prepare(host)
        let place = top.appending("writable").string
        let namespace = try MountNamespace(
            "mount -t tmpfs -o size=24m,nr_inodes=\(Self.fileCount) bcvk-test '\(place)'")
        let guest = try HostileGuest(host, options: ["--bind", "\(place):/mnt/full"], in: namespace)
        let witness = try HostileGuest(host, name: "witness")
        let atStart = try guest.supervisor()
        let files = try guest.attack(
            "cd /mnt/full && perl -e 'for (0 .. $ARGV[0]) { open(F, \">\", $_) or print(\"full $!\\n\"), exit }' \(Self.fileCount)"
        )
        #expect(files.text == "full No space left on device\n", "\(files.story)")
        let made = try namespace.run("ls '\(place)' | wc -l")
        #expect(try #require(Int(made.filter(\.isNumber))) > Self.fileCount - 100)
        let bytes = try guest.attack(
            "cd /mnt/full && rm -f 1 2 3 && dd if=/dev/zero of=fill bs=1M; rm fill && echo again >fill && cat fill")
        #expect(bytes.text == "again\n" && bytes.complaint.contains("No space left on device"), "\(bytes.story)")
        try expectAlive(witness)
        try expectUnchanged(guest, atStart)
        try guest.remove()
        try witness.remove()
        #expect(try host.leftovers() == [])
    }
}
