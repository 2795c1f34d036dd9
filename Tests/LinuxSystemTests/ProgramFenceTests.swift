import Glibc
import LinuxSystem
import SystemPackage
import Testing

@Suite("A fenced program")
struct ProgramFenceTests {
    private func fenced(_ script: String, in base: FilePath) -> ChildProgram {
        var program = ChildProgram("/bin/sh", ["-c", script])
        let system = ["/usr", "/bin", "/lib", "/lib64", "/proc", "/etc/ld.so.cache"]
        program.fence = ProgramFence(
            base: base, readable: system.map { FilePath($0) }, devices: ["/dev/null", "/dev/zero"])
        return program
    }

    private func withDirectory(_ body: (FilePath) throws -> Void) throws {
        var pattern = Array("/tmp/bcvk-fence-test.XXXXXX".utf8CString)
        let directory = FilePath(String(cString: try #require(mkdtemp(&pattern))))
        defer { _ = try? Files.removeTree(directory) }
        try body(directory)
    }

    @Test("executes what it may and sees nothing else")
    func root() throws {
        try withDirectory { base in
            try Files.writeAtomically("secret", to: base.appending("file"))
            let script = """
                ls /usr >/dev/null && echo usr; ls / | tr '\\n' ' '; echo >/dev/null && echo null
                for path in \(base)/file /etc/shadow /etc/hostname; do cat $path && echo breach; done
                echo x >/usr/breach && echo breach; echo x >/breach && echo breach; mkdir /dev/x && echo breach
                """
            let result = try fenced(script, in: base).run()
            #expect(result.text.hasPrefix("usr\n") && result.text.contains("null\n"), "\(result)")
            #expect(!result.text.contains("breach"), "\(result.text)")
            // The host's own view is as before: nothing is mounted there.
            #expect(try Files.readWhole(base.appending("file")) == Array("secret".utf8))
        }
    }

    @Test("has no capability, and gets none by what it executes")
    func capabilities() throws {
        try withDirectory { base in
            let result = try fenced("grep -E '^(CapEff|CapPrm|CapInh|CapAmb|NoNewPrivs):' /proc/self/status", in: base)
                .run()
            let zero = "0000000000000000"
            #expect(
                result.text.split(whereSeparator: { $0 == "\n" || $0 == "\t" }).map(String.init)
                    == ["CapInh:", zero, "CapPrm:", zero, "CapEff:", zero, "CapAmb:", zero, "NoNewPrivs:", "1"],
                "\(result)")
        }
    }

    @Test("uses the files behind its descriptors, as they were opened")
    func descriptors() throws {
        try withDirectory { base in
            let path = base.appending("file")
            try Files.writeAtomically("content", to: path)
            let reading = try OwnedDescriptor(opening: path, .readOnly)
            let null = try OwnedDescriptor(opening: "/dev/null", .readWrite)
            let pipe = try OwnedPipe()
            var program = fenced("cat /proc/self/fd/3; echo x >/proc/self/fd/3 && echo breach", in: base)
            program.environment = ["PATH=/usr/bin:/bin"]
            let running = try program.start(descriptors: [null.raw, pipe.write, null.raw, reading.raw])
            _ = try running.wait()
            var buffer = [UInt8](repeating: 0, count: 100)
            let count = read(pipe.read, &buffer, 100)
            #expect(String(decoding: buffer[..<max(0, count)], as: UTF8.self) == "content")
            #expect(try Files.readWhole(path) == Array("content".utf8))
        }
    }

    @Test("that may not connect does not", .enabled(if: ProgramFence.landlockVersion ?? 0 >= 4))
    func network() throws {
        try withDirectory { base in
            var program = fenced("echo >/dev/null; exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/1'", in: base)
            let refused = try program.run()
            #expect(refused.errorText.contains("onnection refused"), "\(refused)")
            program.fence?.refusesConnections = true
            let forbidden = try program.run()
            #expect(forbidden.errorText.contains("ermission denied"), "\(forbidden)")
        }
    }
}

@Suite("Text for a terminal")
struct PrintableTextTests {
    @Test("has nothing that a terminal would act on")
    func harmless() {
        #expect(PrintableText.of("a\u{1B}[2Jb\u{9B}c\u{7F}\u{0}d\r\u{202E}e\u{200B}f\u{2028}g") == "a[2Jbcdefg")
        #expect(PrintableText.of("one\ntwo\tthree\u{1B}") == "onetwothree")
        #expect(PrintableText.of("one\ntwo\tthree\u{1B}", lines: true) == "one\ntwo\tthree")
    }

    @Test("keeps letters of every script")
    func letters() {
        for text in ["plain", "Grüße, 世界 🚀", "e\u{301}", ""] { #expect(PrintableText.of(text) == text) }
    }
}
