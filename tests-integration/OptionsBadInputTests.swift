import LinuxSystem
import SystemPackage
import Testing

/// Every option says what is wrong with its value, and nothing is left behind.
@Suite("A bad value of an option", .serialized)
struct OptionsBadInputTests {
    /// Options, the words that the complaint has, and the exit code: 64 for a form, 125 for what this host or the image lacks.
    private static let table: [(options: [String], words: [String], code: Int32)] = [
        (["--itype", "u9.huge"], ["--itype", "u9.huge", "u1.nano"], 64),
        (["--vcpus", "0"], ["--vcpus"], 64),
        (["--label", "=x"], ["--label", "KEY[=VALUE]"], 64),
        (["--bind", ":name"], ["--bind", "HOST[:NAME]"], 64),
        (["--bind", "/tmp:a/b"], ["--bind", "a/b"], 64),
        (["--bind", "/tmp:/proc/x"], ["--bind", "/proc/x"], 64),
        (["--bind", "/nonexistent"], ["/nonexistent", "No such file"], 125),
        (["--bind", "/etc/passwd"], ["/etc/passwd", "not a directory"], 125),
        (["--bind", "/"], ["name", ":NAME"], 125),
        (["--bind", "/tmp:x", "--ro-bind", "/etc:x"], ["/run/virtiofs-mnt-x", "twice"], 125),
        (["--mount-disk-file", "f:n:vmdk"], ["--mount-disk-file", "raw|qcow2"], 64),
        (["--mount-disk-file", "f:a-name-of-more-than-20"], ["20 letters"], 64),
        (["--mount-disk-file", "/dev/null"], ["/dev/null", "not a regular file"], 125),
        (["--mount-disk-file", "/nonexistent/disk"], ["/nonexistent", "No such file"], 125),
        (["--add-swap", "lots"], ["--add-swap", "lots"], 64),
        (["--add-swap", "1"], ["swap", "40 KiB"], 125),
        (["--add-swap", "1G", "--mount-disk-file", "/etc/passwd:swap"], ["disk swap", "twice"], 125),
        (["--scratch", "1M"], ["scratch", "64 MiB"], 125),
        (["--virtiofsd", "/nonexistent"], ["virtiofsd", "/nonexistent"], 125),
        (["--network", "bridge"], ["--network", "isolated"], 64),
        (["--network", "none", "-p", "8080:80"], ["--network none", "--publish"], 64),
        (["-p", "80"], ["[IP:]HOST:GUEST"], 64),
        (["-p", "0:99999"], ["99999", "65535"], 64),
        (["-p", "[::1]:80:80"], ["[IP:]HOST:GUEST"], 64),
        (["-p", "192.0.2.1:18080:80"], ["192.0.2.1:18080/tcp", "cannot be published"], 125),
        (["-p", "18081:80", "-p", "18081:81"], ["18081", "twice"], 125),
        (["--hostname", "a_b"], ["--hostname", "a_b"], 64),
        (["--user", "no:body"], ["--user", "no:body"], 64),
        (["--user", "no-such-user"], ["no user no-such-user", "/etc/passwd"], 125),
        (["-e", "1A=x"], ["'1A'"], 64),
        (["-e", "NOT_SET_HERE"], ["NOT_SET_HERE", "not set"], 64),
        (["--systemd-units", "/etc/ssh"], ["/etc/ssh", "'system'"], 125),
        (["--cloud-init", "/nonexistent"], ["/nonexistent", "No such file"], 125),
        (["--cloud-init", "/dev/null"], ["/dev/null", "not a regular file"], 125),
        (["--cloud-init", "/etc/passwd"], ["no cloud-init"], 125),
        (["--ignition", "/nonexistent"], ["/nonexistent", "No such file"], 125),
        (["--ignition", "/etc/passwd"], ["coreos.ignition", "com.coreos.osname"], 125),
    ]

    @Test("is one clear complaint", arguments: table)
    func complaint(options: [String], words: [String], code: Int32) throws {
        let host = try Host()
        let image = try host.laboratory.image("debian13")
        let result = try host.bcvk(["ephemeral", "run", "-d", image] + options)
        #expect(result.exit == .exited(code), "\(result.story)")
        #expect(result.output.isEmpty)
        for word in words { #expect(result.complaint.contains(word), "\(result.story)") }
        #expect(try host.leftovers() == [])
    }

    @Test("of a disk that has to be made leaves no file behind when the image cannot boot")
    func missingDisk() throws {
        let host = try Host()
        let directory = try host.laboratory.directory("disks")
        let result = try host.bcvk(
            "ephemeral", "run", "-d", try host.laboratory.image("no-kernel"), "--mount-disk-file",
            directory.appending("new").string)
        #expect(result.exit == .exited(125) && result.complaint.contains("no kernel"), "\(result.story)")
        #expect(try RootDirectory(directory).entries("/").map(\.name) == [])
    }

    @Test("that only the guest can find ends the machine with the guest's reason")
    func readOnlyPlace() throws {
        let host = try Host()
        let result = try host.bcvk(
            "ephemeral", "run-ssh", "--memory", "1G", "--bind", "/tmp:/nowhere/here",
            try host.laboratory.image("debian13"), "--", "true")
        #expect(result.exit == .exited(125), "\(result.story)")
        #expect(result.complaint.contains("/nowhere/here") && result.complaint.contains("--root writable"))
        // A machine that failed keeps its logs until it is removed.
        #expect(try host.bcvk("ephemeral", "rm-all", "-f").exit == .exited(0))
        #expect(try host.leftovers() == [])
    }

    @Test("cannot come of the documentation: it has every option")
    func documentation() throws {
        let host = try Host()
        let path = FilePath(#filePath).removingLastComponent().removingLastComponent()
            .appending("contrib/docs/options.md")
        let text = String(decoding: try Files.readWhole(path), as: UTF8.self)
        let help = try host.bcvk("ephemeral", "run", "--help").text
        let sections = ["MACHINE", "BOOT", "SHARE AND DISK", "NETWORK", "GUEST"].map { "\($0) OPTIONS:" }
        var isWanted = false
        var options: [String] = []
        for line in help.split(separator: "\n").map(String.init) {
            if line.hasSuffix("OPTIONS:") { isWanted = sections.contains(line) }
            guard isWanted, line.hasPrefix("  -") else { continue }
            let words = line.split(whereSeparator: { $0 == " " || $0 == "," })
            options += words.prefix { $0.hasPrefix("-") }.map(String.init)
        }
        #expect(options.count > 30)
        for option in options { #expect(text.contains("`\(option)"), "\(option)") }
    }
}
