import LinuxSystem

extension ProgramResult {
    /// Lines of standard output by their first word: what a script in the guest has found out.
    var facts: [String: [String]] {
        Dictionary(grouping: text.split(separator: "\n").map(String.init)) { line in
            String(line.split(separator: " ").first ?? "")
        }
    }

    /// The line that begins with a word, without it; nil when there is none, or more than one.
    func fact(_ word: String) -> String? {
        guard let lines = facts[word], lines.count == 1 else { return nil }
        return String(lines[0].dropFirst(word.count).drop { $0 == " " })
    }
}
