import LinuxSystem
import SystemPackage
import Testing

/// KVM for real, one level down, and a host that knows nothing of this project: a translated machine whose processor has SVM, in which
/// the Debian package is installed. What the README says of a first session is done there.
@Suite("Under KVM", .serialized)
struct NestedTests {
    /// The nested image with the package and an image to boot in it.
    private func archive(_ laboratory: Laboratory) throws -> FilePath {
        let place = laboratory.scratch.appending("nested-payload.oci.tar")
        if Files.exists(place) { return place }
        let contrib = laboratory.recipes.removingLastComponent()
        let script = """
            set -e
            deb=$("$1/package-deb" --programs "$3" "$2")
            "$1/images/make-layer" put "$2/payload.tar" "$deb:root/bcvk.deb" "$4:root/debian13.oci.tar"
            "$1/images/pack-oci" --compression none --label containers.bootc=1 --output "$5" "$6/nested.base.tar" "$2/payload.tar"
            rm "$2/payload.tar" "$deb"
            """
        let result = try ChildProgram(
            "/bin/bash",
            [
                "-c", script, "bash", contrib.string, laboratory.scratch.string, laboratory.programs.string,
                try laboratory.archive("debian13").string, place.string, laboratory.images.string,
            ]
        ).run()
        try #require(result.exit == .exited(0), "\(result.story)")
        return place
    }

    /// The README's first session as a script: each line is said, and must succeed.
    private func session() throws -> String {
        let path = FilePath(#filePath).removingLastComponent().removingLastComponent().appending("README.md")
        let text = String(decoding: try Files.readWhole(path), as: UTF8.self)
        let start = try #require(text.firstRange(of: "## A first session"))
        let end = try #require(text[start.upperBound...].firstRange(of: "\n## "))
        let examples = ExampleReader(document: "README.md", text: String(text[start.upperBound..<end.lowerBound]))
            .examples
            .filter { $0.level == .run }
        try #require(examples.count > 12)
        return examples.map { example in
            let line = example.command.replacing("IMAGE", with: "oci-archive:/root/debian13.oci.tar")
            return "echo 'line: \(example.command.replacing("'", with: "’"))'; \(line)"
        }.joined(separator: "\n")
    }

    /// AppArmor's kernel part: it has taken the package's profile, and an ordinary user's bcvk runs in it, with a user namespace. Each line
    /// must succeed.
    private static let profiled = """
        test "$(cat /sys/module/apparmor/parameters/enabled)" = Y
        grep -qx 'bcvk (unconfined)' /sys/kernel/security/apparmor/profiles
        useradd --create-home --groups kvm someone
        chmod 711 /root
        someone() { runuser --user someone -- env HOME=/home/someone XDG_RUNTIME_DIR=/home/someone "$@" </dev/null; }
        someone bcvk ephemeral run --detach --wait agent --memory 1G --vcpus 1 --boot-timeout 900 --name theirs "$image"
        supervisor=$(someone bcvk ephemeral inspect theirs | sed -n 's/.*"supervisor_pid" : \\([0-9]*\\).*/\\1/p')
        test "$(cat "/proc/$supervisor/attr/apparmor/current")" = 'bcvk (unconfined)'
        test "$(someone bcvk ephemeral exec theirs -- stat --format %u:%g /etc/shadow)" = 0:42
        someone bcvk ephemeral rm --force theirs
        echo 'line: in its profile'
        """

    /// What only a host of one's own can be made to suffer: a clock that is set while machines run, back and forth, and a control
    /// group without memory. Each line must succeed.
    private static let trouble = """
        warm=(--warm --memory 1G --vcpus 1 --boot-timeout 900)
        command bcvk ephemeral run -d "${warm[@]}" --name clock "$image"
        date --set '+3 days' >/dev/null
        test "$(command bcvk ephemeral exec clock -- echo here)" = here
        command bcvk ephemeral ps --json | grep -q '"state" : "running"'
        date --set '-6 days' >/dev/null
        test "$(command bcvk ephemeral ssh clock -- echo here)" = here
        (sleep 5; date --set '+3 days' >/dev/null) &
        test "$(command bcvk ephemeral run "${warm[@]}" --timeout 600 --execute 'sleep 10; echo whole' "$image")" = whole
        wait
        command bcvk ephemeral stop clock
        command bcvk ephemeral rm clock
        test -z "$(command bcvk ephemeral ps --quiet)"
        echo 'line: the clock was set'
        templates=$(command bcvk template list --json | grep '"key"')
        code=0
        systemd-run --quiet --pipe --wait --collect -p MemoryMax=120M -p MemorySwapMax=0 -p OOMPolicy=continue \
            bcvk ephemeral run-ssh "${warm[@]}" --name poor "$image" -- true 2>poor.err || code=$?
        cat poor.err >&2
        test "$code" = 125
        grep -q 'want of memory' poor.err
        test "$(command bcvk template list --json | grep '"key"')" = "$templates"
        command bcvk ephemeral rm-all -f
        echo 'line: there was no memory'
        """

    @Test("the package is installed on a host without anything of ours, and the README's first session works there")
    func firstSession() throws {
        let host = try Host()
        let image = "oci-archive:\(try archive(host.laboratory))"
        // Machines like these share a template, so that there is one boot and not three; the time that it takes is the translator's.
        let outer = """
            modprobe kvm_amd || exit 1
            dpkg --install /root/bcvk.deb >/dev/null || exit 1
            cd && mkdir site && echo hello >site/index.html
            bcvk doctor --json | grep -o '"can_run_machines" : true\\|"accelerator" : "[a-z]*"\\|"program" : "/usr/lib/bcvk/bcvk-guest"'
            bcvk() {
                case "$1 $2" in
                    'ephemeral run-ssh'|'ephemeral run')
                        command bcvk "$1" "$2" --warm --memory 1G --vcpus 1 --boot-timeout 900 "${@:3}" ;;
                    'ephemeral exec') (sleep 20; echo exit; sleep 1) | script --quiet --return --command "bcvk ${*@Q}" /dev/null ;;
                    *) command bcvk "$@" ;;
                esac
            }
            set -e
            \(try session())
            echo 'line: the end'
            bcvk ephemeral run-ssh oci-archive:/root/debian13.oci.tar -- 'dmesg | grep -m1 "Hypervisor detected"'
            image=oci-archive:/root/debian13.oci.tar
            \(Self.profiled)
            \(Self.trouble)
            ls -A /run/bcvk
            dpkg --purge bcvk >/dev/null
            test ! -e /usr/bin/bcvk && test ! -e /usr/lib/bcvk && echo purged
            """
        let result = try host.bcvk(
            [
                "ephemeral", "run-ssh", "--root", "writable", "--memory", "6G",
                "--cpu", "max,la57=off,erms=off,fsrm=off,smap=off", image, "--",
                "cat >session; bash session </dev/null",
            ],
            input: Array(outer.utf8))
        #expect(result.exit == .exited(0), "\(result.story)")
        let lines = result.text.split(separator: "\n").map(String.init)
        for fact in [
            #""can_run_machines" : true"#, #""accelerator" : "kvm""#, #""program" : "/usr/lib/bcvk/bcvk-guest""#,
        ] {
            #expect(lines.contains(fact), "\(result.story)")
        }
        #expect(lines.contains("42") && lines.contains("box"), "\(result.story)")
        for line in [
            "line: the end", "line: in its profile", "line: the clock was set", "line: there was no memory",
        ] {
            #expect(lines.contains(line), "\(result.story)")
        }
        #expect(result.text.contains("Hypervisor detected: KVM"), "\(result.story)")
        #expect(lines.suffix(2) == [".lock", "purged"], "\(result.story)")
        // The outer machine says that it falls back, the inner ones have nothing to say.
        #expect(
            result.complaint.split(separator: "\n").filter { $0.contains("without KVM") }.count == 1,
            "\(result.complaint)")
    }
}
