import LinuxSystem
import SystemPackage

/// A command that a document shows.
struct DocumentExample: Sendable, CustomStringConvertible {
    /// What the tests do with it.
    enum Level: Sendable, Hashable {
        /// It is executed as it is; only that machines go on from a template, where they can, in place of a boot.
        case run
        /// The same with a boot: a template for it would be one more.
        case boot
        /// QEMU gets the machine with all its devices and does not let it run.
        case start
        /// Its words are understood, and nothing is done: what it needs no test of documents has, for this reason.
        case parse(String)
        /// A test in this file does it.
        case elsewhere(String)
        /// It is named in a sentence, perhaps without its arguments.
        case mention
    }

    /// The document's path below the checkout.
    let document: String
    let line: Int
    let level: Level
    /// A line of shell.
    let command: String
    /// What it prints, as far as the document says it: `…` stands for anything. nil where nothing is said.
    let output: [String]?

    var description: String { "\(document):\(line): \(command)" }

    /// Whether what was printed is what the document shows.
    func prints(_ text: String) -> Bool {
        guard let output else { return true }
        // A line that is … alone stands for any number of lines.
        let pattern = output.map { $0 == "…" ? $0 : $0 + "\n" }.joined()
        let pieces = pattern.split(separator: "…", omittingEmptySubsequences: false)
        guard pieces.count > 1 else { return text == pattern }
        guard let first = pieces.first, let last = pieces.last, text.hasPrefix(first) else { return false }
        var rest = text.dropFirst(first.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let found = rest.firstRange(of: piece) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}

/// The examples of one document.
///
/// In a block of the kind `console`, lines that begin with `$ ` are commands and the others what they print; in one of the kind `sh`
/// all lines are commands. A remark before a block says what the tests do with it, where that is not to execute it:
/// `<!-- example: boot -->`, `<!-- example: start -->`, `<!-- example: parse; REASON -->`, `<!-- example: tested in FILE -->`. Commands in the midst of
/// sentences are looked at too; `<!-- inline examples: start -->` says that they are whole ones.
struct ExampleReader {
    private(set) var examples: [DocumentExample] = []
    /// What is written in a way in which no test would find it.
    private(set) var strays: [String] = []

    private let document: String
    private var inline = DocumentExample.Level.mention
    private var marked: DocumentExample.Level?
    /// The kind of the block that we are in.
    private var fence: String?
    private var pending: (line: Int, command: String, output: [String])?

    init(document: String, text: String) {
        self.document = document
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            take(String(line), index + 1)
        }
        if fence != nil { strays.append("\(document): a block without an end") }
    }

    private mutating func take(_ line: String, _ number: Int) {
        if line.hasPrefix("```") {
            finish()
            if fence == nil {
                fence = String(line.dropFirst(3))
            } else {
                fence = nil
                marked = nil
            }
            return
        }
        switch fence {
        case "console"?: takeConsole(line, number)
        case "sh"?: takeShell(line, number)
        case .some:
            if line.contains("bcvk ") { strays.append("\(document):\(number): \(line)") }
        case nil: takeText(line, number)
        }
    }

    private mutating func takeConsole(_ line: String, _ number: Int) {
        if line.hasPrefix("$ ") {
            finish()
            pending = (number, String(line.dropFirst(2)), [])
        } else if pending != nil {
            pending?.output.append(line)
        } else {
            strays.append("\(document):\(number): output without a command: \(line)")
        }
    }

    private mutating func takeShell(_ line: String, _ number: Int) {
        guard !line.isEmpty, !line.hasPrefix("#") else { return }
        examples.append(
            DocumentExample(document: document, line: number, level: marked ?? .run, command: line, output: nil))
    }

    private mutating func finish() {
        guard let pending else { return }
        examples.append(
            DocumentExample(
                document: document, line: pending.line, level: marked ?? .run, command: pending.command,
                output: pending.output))
        self.pending = nil
    }

    private mutating func takeText(_ line: String, _ number: Int) {
        if line == "<!-- inline examples: start -->" { return inline = .start }
        if let remark = line.between("<!-- example: ", " -->") {
            marked = Self.level(remark)
            if marked == nil { strays.append("\(document):\(number): \(line)") }
            return
        }
        // What goes on in the next line would be overlooked.
        if line.count(where: { $0 == "`" }) % 2 == 1 { strays.append("\(document):\(number): a broken `: \(line)") }
        if line.hasPrefix("    "), line.drop(while: { $0 == " " }).hasPrefix("bcvk ") {
            strays.append("\(document):\(number): \(line)")
        }
        for (index, span) in line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
        where index % 2 == 1 && span.hasPrefix("bcvk ") {
            examples.append(
                DocumentExample(
                    document: document, line: number, level: inline, command: String(span), output: nil))
        }
    }

    private static func level(_ remark: String) -> DocumentExample.Level? {
        if remark == "start" { return .start }
        if remark == "boot" { return .boot }
        if remark.hasPrefix("parse; ") { return .parse(String(remark.dropFirst(7))) }
        if remark.hasPrefix("tested in ") { return .elsewhere(String(remark.dropFirst(10))) }
        return nil
    }
}

extension String {
    /// What stands between a beginning and an end; nil where the text is not of this form.
    fileprivate func between(_ beginning: String, _ end: String) -> String? {
        guard hasPrefix(beginning), hasSuffix(end), count >= beginning.count + end.count else { return nil }
        return String(dropFirst(beginning.count).dropLast(end.count))
    }
}
