import LinuxSystem
import QMP
import SystemPackage
import Testing

/// Every example of the README and of contrib/docs is executed: a command or an option that does not exist fails here.
@Suite("The documents", .serialized)
struct DocumentTests {
    private static let top = FilePath(#filePath).removingLastComponent().removingLastComponent()

    private static func names() -> [String] {
        let documents = (try? RootDirectory(top.appending("contrib/docs")).entries("/")) ?? []
        return ["README.md"] + documents.map { "contrib/docs/\($0.name)" }.filter { $0.hasSuffix(".md") }.sorted()
    }

    private static func text(_ name: String) throws -> String {
        String(decoding: try Files.readWhole(top.appending(name)), as: UTF8.self)
    }

    private static func reader(_ name: String) throws -> ExampleReader {
        ExampleReader(document: name, text: try text(name))
    }

    @Test("the README and the folder of documents are found")
    func found() {
        #expect(Self.names().count > 10)
    }

    @Test("have no example that no test would find", arguments: names())
    func strays(name: String) throws {
        #expect(try Self.reader(name).strays == [])
    }

    @Test("lead to files that are there", arguments: names())
    func links(name: String) throws {
        let directory = Self.top.appending(name).removingLastComponent()
        let targets = try Self.text(name).matches(of: /\]\(([^)#:]+)(#[^)]*)?\)/).map { String($0.1) }
        if name == "README.md" { #expect(targets.count > 10) }
        for target in targets { #expect(Files.exists(directory.appending(target)), "\(target)") }
    }

    @Test("leave few examples to be parsed only, and name the tests that do others")
    func levels() throws {
        var shown = 0
        var parsed = 0
        for example in try Self.names().flatMap({ try Self.reader($0).examples }) {
            switch example.level {
            case .mention: continue
            case .elsewhere(let file): #expect(Files.exists(Self.top.appending(file)), "\(example)")
            case .parse(let reason):
                parsed += 1
                #expect(reason.count > 10, "\(example)")
            case .run, .boot, .start: break
            }
            shown += 1
        }
        #expect(shown > 100)
        #expect(parsed * 5 <= shown, "\(parsed) of \(shown) examples are only parsed")
    }

    @Test("commands.md has an example of every command")
    func everyCommand() throws {
        let host = try Host()
        let commands = try Self.reader("contrib/docs/commands.md").examples
            .filter { $0.level != .mention }.map(\.command)
        let help = try JSONValue(parsing: try host.bcvk("--experimental-dump-help").output)
        for path in Self.paths(try #require(help["command"]), []) {
            #expect(
                commands.contains { "\($0) ".contains("\(path.joined(separator: " ")) ") },
                "\(path.joined(separator: " "))")
        }
    }

    /// The commands that do something, each as its words.
    private static func paths(_ command: JSONValue, _ path: [String]) -> [[String]] {
        guard let name = command["commandName"]?.stringValue, name != "help",
            command["shouldDisplay"]?.boolValue ?? true
        else { return [] }
        let inner = (command["subcommands"]?.elements ?? []).flatMap { paths($0, path + [name]) }
        return inner.isEmpty ? [path + [name]] : inner
    }

    @Test("name messages that bcvk really has")
    func messages() throws {
        var sources = ""
        for entry in try RootDirectory(Self.top).walk("Sources") where entry.hasSuffix(".swift") {
            sources += try Self.text(entry)
        }
        let heads = try Self.text("contrib/docs/troubleshooting.md").split(separator: "\n").filter {
            $0.hasPrefix("### ")
        }
        #expect(heads.count > 20)
        // ssh's own words.
        for head in heads where !head.contains("publickey") {
            for (index, message) in head.split(separator: "`").enumerated() where index % 2 == 1 {
                for piece in message.split(separator: "…") {
                    let words = piece.drop { $0 == " " }
                    // A name at its beginning is a value in the source.
                    let known =
                        sources.contains(words) || sources.contains(words.drop { $0 != " " }) && words.contains(" ")
                    #expect(known, "\(message)")
                }
            }
        }
    }

    @Test("show what happens", .timeLimit(.minutes(20)), arguments: names())
    func examples(name: String) throws {
        let shell = try ExampleShell.shared.get()
        let examples = try Self.reader(name).examples.filter {
            if case .elsewhere = $0.level { false } else { true }
        }
        for outcome in try shell.run(examples) {
            let story = "\(outcome.example): exit code \(outcome.code)\n\(outcome.output)\(outcome.errors)"
            if outcome.example.level == .mention {
                // In a sentence a command may stand without its arguments.
                #expect(outcome.code == 0 || outcome.errors.contains("Missing expected argument"), "\(story)")
                continue
            }
            #expect(outcome.code == 0, "\(story)")
            if outcome.example.level != .start { #expect(outcome.example.prints(outcome.output), "\(story)") }
        }
        _ = try shell.host.bcvk("ephemeral", "rm-all", "--force")
        #expect(try shell.host.leftovers() == [])
    }
}

extension RootDirectory {
    /// The paths of all files below a directory.
    fileprivate func walk(_ directory: String) throws -> [String] {
        try entries(directory).flatMap { entry in
            let path = "\(directory)/\(entry.name)"
            return entry.kind == .directory ? try walk(path) : [path]
        }
    }
}
