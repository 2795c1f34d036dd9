import Glibc
import LinuxSystem
import SystemPackage
import Testing

/// Bad input gets one clear line and a code of its own, and leaves nothing behind.
@Suite("Bad input", .serialized)
struct BadInputTests {
    private func expect(
        _ host: Host, _ arguments: [String], says words: [String], code: Int32 = 125,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let result = try host.bcvk(arguments)
        #expect(result.exit == .exited(code), "\(result.story)", sourceLocation: sourceLocation)
        #expect(result.output.isEmpty, "\(result.story)", sourceLocation: sourceLocation)
        for word in words {
            #expect(result.complaint.contains(word), "\(result.story)", sourceLocation: sourceLocation)
        }
        #expect(try host.leftovers() == [], sourceLocation: sourceLocation)
    }

    private func run(_ image: String, _ options: String...) -> [String] {
        ["ephemeral", "run-ssh"] + options + [image, "--", "true"]
    }

    @Test("of images that are not there or are none")
    func images() throws {
        let host = try Host()
        let directory = try host.laboratory.directory("bad")
        try expect(host, run("oci-archive:/nonexistent.tar"), says: ["no such image", "/nonexistent.tar"])
        try expect(host, run("oci:/nonexistent"), says: ["no such image", "/nonexistent"])
        let text = directory.appending("text")
        try Files.writeAtomically("this is no archive at all\n", to: text)
        try expect(host, run("oci-archive:\(text)"), says: ["is no OCI archive"])
        let whole = try Files.readWhole(try host.laboratory.archive("wrong-arch"))
        let cut = directory.appending("cut.tar")
        try Files.writeAtomically(Array(whole.prefix(whole.count * 2 / 3)), to: cut)
        try expect(host, run("oci-archive:\(cut)"), says: [cut.string])
        try expect(host, run("bad://x"), says: ["unknown transport"])
        try expect(
            host, run("oci-archive:\(try host.laboratory.archive("debian13")):nosuchtag"),
            says: ["no tag nosuchtag", "latest"])
    }

    @Test("of a layer whose content is not what its digest says")
    func wrongDigest() throws {
        let host = try Host(sharesCache: false)
        let damaged = try host.laboratory.directory("damaged").appending("damaged.tar")
        var bytes = try Files.readWhole(try host.laboratory.archive("debian13"), limit: 1 << 30)
        // The layers are by far the largest members: the middle of the file is inside one.
        bytes[bytes.count / 2] ^= 0xFF
        try Files.writeAtomically(bytes, to: damaged)
        try expect(host, run("oci-archive:\(damaged)"), says: ["damaged"])
        let kept = try RootDirectory(host.cache).entries("tmp").map(\.name)
        #expect(kept == [])
    }

    @Test(
        "of images that cannot boot",
        arguments: [
            ("no-kernel", ["no kernel found", "/boot/vmlinuz-*"]),
            ("no-systemd", ["no init system found", "/sbin/init"]),
            ("wrong-arch", ["linux/arm64", "linux/amd64"]),
        ])
    func unbootable(name: String, words: [String]) throws {
        let host = try Host()
        try expect(host, run(try host.laboratory.image(name)), says: words)
    }

    @Test("of programs, sizes and options")
    func options() throws {
        var host = try Host()
        let image = try host.laboratory.image("debian13")
        try expect(host, run(image, "--memory", "16M"), says: ["16 MiB of memory"])
        try expect(host, run(image, "--memory", "lots"), says: ["--memory"], code: 64)
        try expect(host, run(image, "--no-such-option"), says: ["--no-such-option"], code: 64)
        try expect(host, run(image, "--name", "a/b"), says: ["--name"], code: 64)
        try expect(host, run(image, "--kernel-version", "1.2.3"), says: ["no kernel 1.2.3"])
        try expect(host, run(image, "--kernel", "/nonexistent"), says: ["/nonexistent"], code: 64)
        try expect(host, run(image, "--accel", "kvm"), says: ["KVM cannot be used"])
        try expect(host, ["ephemeral", "inspect", "nobody"], says: ["no machine named nobody"])
        host.variables = ["QEMU_BIN=/nonexistent/qemu"]
        try expect(host, run(image), says: ["QEMU is not installed", "/nonexistent/qemu"])
        host.variables = ["VIRTIOFSD_BIN=/nonexistent/virtiofsd"]
        try expect(host, run(image), says: ["virtiofsd is not installed"])
        host.variables = ["VIRTIOFSD_BIN=/bin/true"]
        try expect(host, run(image), says: ["/bin/true cannot be used"])
        host.variables = ["BCVK_CACHE=/proc/nowhere"]
        try expect(host, run(image), says: ["cache directory /proc/nowhere"])
    }

    @Test("of a user who has no subordinate ids", .enabled(if: geteuid() == 0))
    func noSubordinateIDs() throws {
        let host = try Host(.withoutSubordinateIDs, sharesCache: false)
        try expect(host, run(try host.laboratory.image("debian13")), says: ["no subordinate ids", "usermod"])
    }
}
