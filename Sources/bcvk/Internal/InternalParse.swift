import ArgumentParser

/// Looks at words as a command line and does nothing: the tests of the documents use it for examples that need what no test has.
struct InternalParse: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parse", abstract: "Check the words of a command, without executing it.")

    @Argument(parsing: .captureForPassthrough) var words: [String] = []

    func run() throws {
        _ = try Bcvk.parseAsRoot(words)
    }
}
