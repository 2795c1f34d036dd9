import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// What contrib/install and the packages put where, and that nothing of it stays.
@Suite("Installing", .serialized)
struct PackageTests {
    private let laboratory: Laboratory
    private let contrib: FilePath

    init() throws {
        laboratory = try Laboratory.shared.get()
        contrib = laboratory.recipes.removingLastComponent()
    }

    private func run(_ program: FilePath, _ arguments: [String], input: String = "") throws -> ProgramResult {
        var child = ChildProgram(program, arguments)
        child.input = Array(input.utf8)
        return try child.run()
    }

    private func install(_ arguments: String...) throws {
        let result = try run(contrib.appending("install"), ["--programs", laboratory.programs.string] + arguments)
        try #require(result.exit == .exited(0), "\(result.story)")
        #expect(result.text.isEmpty)
    }

    /// All files below a directory, with their paths from there.
    private func files(_ directory: FilePath) throws -> [String] {
        let result = try run(
            "/usr/bin/find", [directory.string, "-mindepth", "1", "-not", "-type", "d", "-printf", "/%P\n"])
        try #require(result.exit == .exited(0), "\(result.story)")
        return result.text.split(separator: "\n").map(String.init).sorted()
    }

    /// The commands that bcvk shows, as the names of their manual pages.
    private func pages() throws -> [String] {
        func names(_ command: JSONValue, _ path: String) -> [String] {
            guard let name = command["commandName"]?.stringValue, name != "help",
                command["shouldDisplay"]?.boolValue ?? true
            else { return [] }
            let own = path.isEmpty ? name : "\(path)-\(name)"
            return [own] + (command["subcommands"]?.elements ?? []).flatMap { names($0, own) }
        }
        let help = try JSONValue(
            parsing: try run(laboratory.programs.appending("bcvk"), ["--experimental-dump-help"]).output)
        return names(try #require(help["command"]), "")
    }

    @Test("puts every part in its place, twice the same, and takes all of it away")
    func destination() throws {
        let place = try laboratory.directory("destination")
        let destination = place.appending("root")
        try install("--destdir", destination.string, "--prefix", "/usr")
        let found = try files(destination)
        let expected = [
            "/usr/bin/bcvk", "/usr/lib/bcvk/bcvk-guest", "/usr/share/bash-completion/completions/bcvk",
            "/usr/share/zsh/site-functions/_bcvk", "/usr/share/fish/vendor_completions.d/bcvk.fish",
            "/usr/share/bcvk/apparmor.profile", "/usr/share/doc/bcvk/README.md",
            "/usr/share/doc/bcvk/contrib/docs/quick-start.md", "/usr/share/doc/bcvk/contrib/harness/conftest.py",
        ]
        for path in expected { #expect(found.contains(path)) }
        let manual = found.filter { $0.hasPrefix("/usr/share/man/man1/") }
        #expect(manual == (try pages()).map { "/usr/share/man/man1/\($0).1" }.sorted())
        #expect(manual.count > 40)
        try install("--destdir", destination.string, "--prefix", "/usr")
        #expect(try files(destination) == found)
        let gone = try run(contrib.appending("install"), ["--uninstall", "--destdir=\(destination)", "--prefix=/usr"])
        #expect(gone.exit == .exited(0), "\(gone.story)")
        #expect(try RootDirectory(destination).entries("/").map(\.name) == [])
        let again = try run(contrib.appending("install"), ["--uninstall", "--destdir=\(destination)", "--prefix=/usr"])
        #expect(again.exit == .exited(1))
        #expect(again.complaint.contains("nothing is installed in"))
    }

    @Test("for one user: what is installed finds its guest program, and others' files stay")
    func ownPrefix() throws {
        let prefix = try laboratory.directory("prefix")
        try Files.createDirectories(prefix.appending("bin"))
        try Files.writeAtomically("#!/bin/sh\n", to: prefix.appending("bin/other"), mode: 0o755)
        try install("--prefix", prefix.string)
        let report = try run(prefix.appending("bin/bcvk"), ["doctor", "--json"])
        let finding = try #require(
            try JSONValue(parsing: report.output)["findings"]?.elements.first {
                $0["id"]?.stringValue == "guest_program"
            })
        #expect(finding["facts"]?["program"]?.stringValue == prefix.appending("lib/bcvk/bcvk-guest").string)
        let gone = try run(contrib.appending("install"), ["--uninstall", "--prefix", prefix.string])
        #expect(gone.exit == .exited(0), "\(gone.story)")
        #expect(try files(prefix) == ["/bin/other"])
        #expect(try RootDirectory(prefix).entries("/").map(\.name) == ["bin"])
    }

    @Test("completions are read by their shells, and complete")
    func completions() throws {
        let place = try laboratory.directory("completions")
        for shell in ["bash", "zsh", "fish"] {
            let script = try run(laboratory.programs.appending("bcvk"), ["--generate-completion-script", shell])
            #expect(script.exit == .exited(0))
            let file = place.appending(shell)
            try Files.writeAtomically(script.output, to: file)
            let program = try #require(ProgramSearch.find(shell), "contrib/setup --tests installs \(shell)")
            let checked = try run(program, ["-n", file.string])
            #expect(checked.exit == .exited(0) && checked.errorOutput.isEmpty, "\(checked.story)")
        }
        let ask = """
            shopt -s extglob
            . "$1"
            PATH=$2:$PATH
            COMP_WORDS=(bcvk ephemeral ru) COMP_CWORD=2 COMP_LINE='bcvk ephemeral ru' COMP_POINT=17 COMP_TYPE=9 COMP_KEY=9
            _bcvk bcvk ru ephemeral 2>/dev/null
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let bash = try #require(ProgramSearch.find("bash"))
        let answer = try run(
            bash, ["-c", ask, "bash", place.appending("bash").string, laboratory.programs.string])
        let offered = answer.text.split(separator: "\n").map { $0.filter { $0 != " " } }.sorted()
        #expect(offered == ["run", "run-ssh"], "\(answer.story)")
    }

    @Test("manual pages have nothing for mandoc and groff to warn of, and say what the help says")
    func manual() throws {
        let place = try laboratory.directory("manual")
        let made = try run(
            contrib.appending("man-pages"), [laboratory.programs.appending("bcvk").string, place.string])
        try #require(made.exit == .exited(0), "\(made.story)")
        let pages = try RootDirectory(place).entries("/").map { place.appending($0.name).string }.sorted()
        let mandoc = try #require(ProgramSearch.find("mandoc"), "contrib/setup --tests installs it")
        let checked = try run(mandoc, ["-Tlint", "-Wwarning"] + pages)
        #expect(checked.exit == .exited(0) && checked.text.isEmpty, "\(checked.story)")
        let groff = try #require(ProgramSearch.find("groff"), "contrib/setup --tests installs it")
        let typeset = try run(groff, ["-man", "-Tutf8", "-ww"] + pages)
        #expect(typeset.exit == .exited(0) && typeset.errorOutput.isEmpty, "\(typeset.story)")
        let page = try run(mandoc, ["-Tascii", place.appending("bcvk-ephemeral-run.1").string])
        let plain = page.text.replacing(/.\u{8}/, with: "")
        for word in ["bcvk ephemeral run [options] image", "--memory", "--warm", "MACHINE OPTIONS"] {
            #expect(plain.contains(word), "\(plain)")
        }
    }

    @Test("the Debian package has what it should, with Debian's modes, and is made twice the same")
    func debianPackage() throws {
        var made: [[UInt8]] = []
        var file = FilePath("")
        for _ in 0..<2 {
            let place = try laboratory.directory("package")
            let result = try run(
                contrib.appending("package-deb"), ["--programs", laboratory.programs.string, place.string])
            try #require(result.exit == .exited(0), "\(result.story)")
            file = FilePath(String(result.text.prefix { $0 != "\n" }))
            made.append(try Files.readWhole(file))
        }
        #expect(made[0] == made[1])
        func field(_ name: String) throws -> String {
            try run("/usr/bin/dpkg-deb", ["--field", file.string, name]).text
        }
        let version = try run(laboratory.programs.appending("bcvk"), ["--version"]).text
        #expect(try field("Version") == version)
        for name in ["libc6", "libseccomp2", "libisal2", "qemu-system-x86", "virtiofsd", "openssh-client", "uidmap"] {
            #expect(try field("Depends").contains(name))
        }
        let list = try run("/usr/bin/dpkg-deb", ["--contents", file.string]).text.split(separator: "\n")
        #expect(list.count > 60)
        for line in list {
            let words = line.split(separator: " ")
            let path = String(words[5])
            #expect(words[1] == "root/root", "\(line)")
            let isProgram =
                path.hasPrefix("./usr/bin/") || path.hasPrefix("./usr/lib/bcvk/")
                || path.hasSuffix(".sh") || path.hasSuffix("host-tools")
            let mode =
                words[0].hasPrefix("d")
                ? "drwxr-xr-x" : isProgram && !path.hasSuffix("common.sh") ? "-rwxr-xr-x" : "-rw-r--r--"
            #expect(words[0] == mode, "\(line)")
            // Others' places are named by no package.
            #expect(path == "./" || path.hasPrefix("./usr/"), "\(line)")
            #expect(!path.hasPrefix("./usr/share/man/") || path.hasSuffix("/") || path.hasSuffix(".1.gz"), "\(line)")
        }
        for script in ["postinst", "prerm"] {
            let checked = try run("/bin/sh", ["-n", contrib.appending("packaging/\(script)").string])
            #expect(checked.exit == .exited(0), "\(checked.story)")
        }
    }

    @Test("the RPM is built from its spec and has the files that are installed")
    func rpmPackage() throws {
        let place = try laboratory.directory("rpm")
        let rpmbuild = try #require(ProgramSearch.find("rpmbuild"), "contrib/setup --tests installs it")
        var build = ChildProgram(
            "/bin/sh",
            [
                "-c",
                #"cd "$1" && exec "$2" -bb --build-in-place --nodeps --define "_topdir $3" --define "programs $4" "$5""#,
                "sh", contrib.removingLastComponent().string, rpmbuild.string, place.string, laboratory.programs.string,
                contrib.appending("packaging/bcvk.spec").string,
            ])
        build.environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=\(place)"]
        let built = try build.run()
        try #require(built.exit == .exited(0), "\(built.story)")
        let found = try files(place).filter { $0.hasSuffix(".rpm") }
        try #require(found.count == 1)
        let package = place.string + found[0]
        let version = try run(laboratory.programs.appending("bcvk"), ["--version"]).text.prefix { $0 != "\n" }
        #expect(found[0].contains("bcvk-\(version)-"))
        let listed = try run("/usr/bin/rpm", ["-qpl", package]).text.split(separator: "\n").map(String.init)
        let destination = try laboratory.directory("rpm-destination")
        try install("--destdir", destination.string, "--prefix", "/usr")
        for path in try files(destination) where !path.hasSuffix("/installed-files") {
            // rpm packs manual pages, or not, as the distribution has it.
            #expect(listed.contains(path) || listed.contains("\(path).gz"), "\(path)")
        }
        let needs = try run("/usr/bin/rpm", ["-qp", "--requires", package]).text
        for name in ["qemu-kvm", "virtiofsd", "openssh-clients", "libseccomp.so.2()(64bit)"] {
            #expect(needs.contains(name), "\(needs)")
        }
    }

    @Test("AppArmor reads the profile, as far as this host's version knows what is in it")
    func profile() throws {
        let text = String(
            decoding: try Files.readWhole(contrib.appending("packaging/apparmor.profile")), as: UTF8.self
        ).replacing("@PREFIX@", with: "/usr")
        #expect(text.contains("userns,") && text.contains("flags=(unconfined)"))
        let parser = try #require(ProgramSearch.find("apparmor_parser"), "contrib/setup --tests installs it")
        // Before AppArmor 4 there were neither its abi nor a rule for user namespaces: then only the rest is looked at.
        let isCurrent = Files.exists("/etc/apparmor.d/abi/4.0")
        let lines = text.split(separator: "\n").filter {
            isCurrent || !($0.hasPrefix("abi ") || $0.contains("userns,") || $0.contains("flags=(unconfined)"))
        }
        let readable =
            isCurrent
            ? lines.joined(separator: "\n")
            : lines.joined(separator: "\n").replacing(
                "  include if", with: "profile bcvk /usr/bin/bcvk {\n  include if")
        let checked = try run(parser, ["--skip-kernel-load", "--skip-cache"], input: readable + "\n")
        #expect(checked.exit == .exited(0), "\(checked.story)\n\(readable)")
    }
}
