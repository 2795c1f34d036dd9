/// Taking apart what follows a machine's name, as ssh(1) does with what follows its destination.
public struct SSHWords: Sendable, Hashable {
    /// Options of ssh, with their arguments.
    public let options: [String]
    /// The command's words.
    public let command: [String]

    /// The options of ssh(1) that take an argument.
    private static let withArgument = Set("BbcDEeFIiJLlmOoPpQRSWw")

    /// Whether options of ssh(1) say how the client gets to the server.
    package static func chooseWay(_ options: [String]) -> Bool {
        var words = options[...]
        while let word = words.popFirst() {
            let letters = word.dropFirst()
            guard let taker = letters.firstIndex(where: Self.withArgument.contains) else { continue }
            if letters[taker] == "J" { return true }
            let rest = letters[letters.index(after: taker)...]
            let argument = rest.isEmpty ? words.popFirst() ?? "" : String(rest)
            let setting = argument.lowercased()
            if letters[taker] == "o", setting.hasPrefix("proxycommand") || setting.hasPrefix("proxyjump") {
                return true
            }
        }
        return false
    }

    /// Options come first; `--`, or the first word that is none, begins the command.
    public init(_ words: [String]) {
        var options: [String] = []
        var rest = words[...]
        while let word = rest.first, word.hasPrefix("-"), word != "-", word != "--" {
            options.append(word)
            rest.removeFirst()
            // Letters may be joined: `-vL 8080:localhost:80`. An argument in the same word needs no other.
            let letters = word.dropFirst()
            guard let taker = letters.firstIndex(where: Self.withArgument.contains) else { continue }
            if letters.index(after: taker) == letters.endIndex, let argument = rest.first {
                options.append(argument)
                rest.removeFirst()
            }
        }
        if rest.first == "--" { rest.removeFirst() }
        self.options = options
        command = Array(rest)
    }
}
