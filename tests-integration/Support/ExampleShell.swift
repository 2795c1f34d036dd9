import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// Where the examples of documents are executed: a shell for each document, and one cache for all of them.
struct ExampleShell: Sendable {
    /// What came of an example.
    struct Outcome: Sendable {
        let example: DocumentExample
        let code: Int32
        let output: String
        let errors: String
    }

    let host: Host
    private let image: String
    /// The words of documents that stand for something of this host's.
    private let words: [(String, String)]
    /// The programs that documents call: bcvk, a QEMU whose machines stand still, and the built bcvk itself.
    private let tools: FilePath
    private let material: FilePath

    static let shared: Result<ExampleShell, any Error> = Result { try ExampleShell() }

    private init() throws {
        var host = try Host(sharesCache: false)
        material = try host.laboratory.directory("examples")
        tools = try host.laboratory.directory("example-tools")
        image = try host.laboratory.image("debian13")
        let report = try host.bcvk("doctor", "--json").json()
        let findings = try #require(report["findings"]).elements
        func program(_ id: String) throws -> String {
            try #require(findings.first { $0["id"]?.stringValue == id }?["facts"]?["program"]?.stringValue)
        }
        try Self.freeze(FilePath(try program("qemu")), in: tools.appending("frozen"))
        guard symlink(host.laboratory.programs.appending("bcvk").string, tools.appending("bcvk").string) == 0 else {
            throw SystemError("link", tools.string)
        }
        let pulled = try host.bcvk("images", "pull", image)
        try #require(pulled.exit == .exited(0), "\(pulled.story)")
        host.variables = []
        self.host = host
        let setup = ChildProgram("/bin/bash", ["-ec", Self.materials, "bash", material.string, host.cache.string])
        let made = try setup.run()
        try #require(made.exit == .exited(0), "\(made.story)")
        let release = String(made.text.prefix { $0 != "\n" })
        words = [
            ("quay.io/fedora/fedora-bootc:42", image), ("OTHER-IMAGE", try host.laboratory.image("no-label")),
            ("IMAGE", image), ("/usr/libexec/virtiofsd", try program("virtiofsd")),
            ("6.12.118+deb13-cloud-amd64", release), ("8080", "\(try Self.freePort())"),
        ]
    }

    /// Makes a QEMU whose machines stand still. A QEMU sees of this host the system and what it was installed with, so one from
    /// elsewhere is copied with all that is beside it.
    private static func freeze(_ program: FilePath, in place: FilePath) throws {
        let name = program.lastComponent?.string ?? ""
        let isSystems = program.starts(with: "/usr") || program.starts(with: "/bin")
        let script = isSystems ? "exec \(program)" : "exec \"$(dirname \"$0\")/\(name)\""
        if isSystems {
            try Files.createDirectories(place.appending("bin"))
        } else {
            let home = program.removingLastComponent().removingLastComponent()
            let copied = try ChildProgram(
                "/bin/sh",
                [
                    "-c", #"cp -al "$1" "$2" 2>/dev/null || { rm -rf "$2"; cp -a "$1" "$2"; }"#, "sh", home.string,
                    place.string,
                ]
            ).run()
            try #require(copied.exit == .exited(0), "\(copied.story)")
        }
        try Files.writeAtomically(
            "#!/bin/sh\n\(script) \"$@\" -S\n", to: place.appending("bin/frozen-qemu"), mode: 0o755)
    }

    /// What the documents' examples find in their directory; prints the release of the image's kernel.
    private static let materials = #"""
        cd "$1"
        mkdir -p src site units/system
        echo 'echo checked' >src/check.sh
        echo hello >site/index.html
        echo content >file
        printf '[Service]\nExecStart=/bin/true\n' >units/system/mine.service
        echo '#cloud-config' >user-data
        echo '{"ignition": {"version": "3.0.0"}}' >config.ign
        kernel=$(ls -d "$2"/trees/*/root/boot/vmlinuz-*)
        cp "$kernel" vmlinuz
        echo "${kernel##*/vmlinuz-}"
        """#

    /// The shell's own part. `bcvk` is a function, so that pipes, variables and redirections are the examples' own.
    private static let prelude = #"""
        example() { # NUMBER LEVEL COMMAND
            level=$2
            eval "$3" >"$results/$1.out" 2>"$results/$1.err" </dev/null
            echo $? >"$results/$1.code"
        }
        bcvk() {
            case "$level $1 ${2-}" in
                parse\ *) command bcvk internal parse "$@" ;;
                start\ *\ run | start\ *\ run-ssh) stand_still "$@" ;;
                run\ ephemeral\ run | run\ ephemeral\ run-ssh) command bcvk "$1" "$2" --warm "${@:3}" ;;
                *\ ephemeral\ exec) on_terminal "$@" ;;
                *) command bcvk "$@" ;;
            esac
        }
        on_terminal() { # exec -it has one, at which somebody types exit
            if [ "$3" = -it ]; then
                (sleep 3; echo exit; sleep 1) | script --quiet --return --command "bcvk ${*@Q}" /dev/null
            else
                command bcvk "$@"
            fi
        }
        stand_still() { # run and run-ssh: a machine that stays, without the command for it
            local noun=$1 words=() name=example code
            if [[ " $* " = *' --warm '* ]]; then command bcvk "$@"; return; fi
            shift 2
            while [ $# -gt 0 ] && [ "$1" != -- ]; do
                if [ "$1" = --name ]; then name=''; fi
                words+=("$1")
                shift
            done
            QEMU_BIN=$tools/frozen/bin/frozen-qemu command bcvk "$noun" run -d ${name:+--name $name} "${words[@]}"
            code=$?
            if [ -n "$name" ]; then command bcvk ephemeral rm -f "$name"; fi
            return $code
        }
        """#

    /// Executes examples one after the other in one shell.
    func run(_ examples: [DocumentExample]) throws -> [Outcome] {
        let results = try host.laboratory.directory("example-results")
        var script = Self.prelude + "\n"
        for (index, example) in examples.enumerated() {
            let level =
                switch example.level {
                case .run: "run"
                case .boot: "boot"
                case .start: "start"
                case .parse, .mention, .elsewhere: "parse"
                }
            let line = try translated(example.command)
            script += "example \(index) \(level) \(quoted(line))\n"
        }
        var shell = ChildProgram("/usr/bin/timeout", ["1200", "/bin/bash", "-c", "cd \(material)\n" + script])
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        shell.environment =
            (host.program([]).environment ?? []).filter { !$0.hasPrefix("PATH=") } + [
                "PATH=\(tools):\(path)", "tools=\(tools)", "results=\(results)",
            ]
        let ended = try shell.run()
        try #require(ended.exit == .exited(0) || ended.exit == .exited(1), "\(ended.story)")
        return try examples.enumerated().map { index, example in
            func text(_ part: String) throws -> String {
                String(decoding: try Files.readWhole(results.appending("\(index).\(part)")), as: UTF8.self)
            }
            let code = try text("code").prefix { $0 != "\n" }
            return Outcome(
                example: example, code: try #require(Int32(code)), output: try text("out"), errors: try text("err"))
        }
    }

    /// An example for this host: some options are for images that have what they ask for.
    private func translated(_ command: String) throws -> String {
        let special = [
            "--cloud-init": "debian13-cloud", "--user admin": "debian13-cloud",
            "--ignition": "debian13-dracut", "--initramfs image": "debian13-dracut",
        ]
        var text = command
        for (option, name) in special where text.contains(option) {
            text.replace("IMAGE", with: try host.laboratory.image(name))
        }
        for (word, value) in words { text.replace(word, with: value) }
        return text
    }

    private func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: #"'\''"#) + "'"
    }

    /// A port of the loopback that nobody listens on.
    private static func freePort() throws -> UInt16 {
        for port in UInt16(20_000)...20_999 {
            do {
                try PortProbe.look(address: "127.0.0.1", port: port, isDatagram: false)
                return port
            } catch {
                continue
            }
        }
        throw Missing("a free port")
    }
}
