import Testing

/// What finds the examples of documents, and what tells right ones from wrong ones.
@Suite("Examples of documents", .serialized)
struct DocumentReaderTests {
    private func example(_ command: String, _ output: [String]? = nil, _ level: DocumentExample.Level = .run)
        -> DocumentExample
    {
        DocumentExample(document: "made-up", line: 1, level: level, command: command, output: output)
    }

    @Test("commands, what they print and how they are looked at are found")
    func reader() {
        let text = """
            A sentence with `bcvk doctor` in it.
            <!-- example: parse; nobody has this -->
            ```console
            $ bcvk one
            out
            $ bcvk two
            ```

            ```sh
            bcvk three      # a remark
            ```
            <!-- inline examples: start -->
            | cell | `bcvk four` |
            """
        let reader = ExampleReader(document: "made-up", text: text)
        #expect(reader.strays == [])
        #expect(
            reader.examples.map(\.command) == [
                "bcvk doctor", "bcvk one", "bcvk two", "bcvk three      # a remark", "bcvk four",
            ])
        #expect(
            reader.examples.map(\.level) == [
                .mention, .parse("nobody has this"), .parse("nobody has this"), .run, .start,
            ])
        #expect(reader.examples.map(\.output) == [nil, ["out"], [], nil, nil])
    }

    @Test(
        "what would be overlooked is told",
        arguments: [
            "    bcvk ephemeral ps", "```\nbcvk ephemeral ps\n```", "a span `bcvk ephemeral\nps` of two lines",
            "<!-- example: later -->", "```console\nbcvk ephemeral ps\n```", "```sh\nbcvk ephemeral ps",
        ])
    func strays(text: String) {
        #expect(!ExampleReader(document: "made-up", text: text).strays.isEmpty)
    }

    @Test("output is compared, but for what … stands for")
    func output() {
        #expect(example("x", ["a", "b"]).prints("a\nb\n"))
        #expect(!example("x", ["a", "b"]).prints("a\nb\nc\n"))
        #expect(example("x", []).prints(""))
        #expect(!example("x", []).prints("a\n"))
        #expect(example("x", ["a", "…", "c"]).prints("a\nc\n"))
        #expect(example("x", ["a", "…", "c"]).prints("a\nb\nb\nc\n"))
        #expect(!example("x", ["a", "…", "c"]).prints("a\nb\n"))
        #expect(example("x", ["vm-…"]).prints("vm-17\n"))
        #expect(!example("x", ["vm-…"]).prints("box\n"))
        #expect(example("x").prints("anything"))
    }

    @Test("a command or an option that does not exist is not understood")
    func wrong() throws {
        let shell = try ExampleShell.shared.get()
        let outcomes = try shell.run([
            example("bcvk ephemeral run --warm IMAGE", nil, .mention),
            example("bcvk ephemeral run --no-such-option IMAGE", nil, .mention),
            example("bcvk ephemeral fly IMAGE", nil, .parse("made-up")),
            example("bcvk ephemeral run-ssh --no-such-option IMAGE -- true", nil, .start),
            example("bcvk ephemeral ps --no-such-option"),
        ])
        #expect(outcomes.map(\.code) == [0, 64, 64, 64, 64])
    }
}
