internal import ContainerImage
internal import LinuxSystem
package import SystemPackage

/// What programs have said of themselves. To ask costs a process at each start of a machine, and the answer stays the same for as
/// long as the program does.
package struct ProgramAnswers: Sendable {
    private let directory: FilePath

    /// - Parameter cache: the directory of what may be deleted at any time.
    package init(cache: FilePath) {
        directory = cache.appending("programs")
    }

    /// What a program says, on both streams, when it is run with one word.
    /// - Parameter answers: what was said before; nil to have it asked in any case.
    package static func answer(of program: FilePath, to word: String, kept answers: ProgramAnswers?) throws -> String {
        guard let answers else { return try ask(program, word).text }
        let state = Array(try ProgramFingerprint(program).text.utf8) + [0]
        let file = answers.directory.appending(Digest.sha256(Array("\(program) \(word)".utf8)).hex)
        if let kept = try? Files.readIfPresent(file, limit: 1 << 20), kept.starts(with: state) {
            return String(decoding: kept.dropFirst(state.count), as: UTF8.self)
        }
        let (text, isWhole) = try ask(program, word)
        if isWhole {
            // Where nothing can be kept it is asked again next time.
            try? Files.createDirectories(answers.directory)
            try? Files.writeAtomically(state + Array(text.utf8), to: file)
        }
        return text
    }

    private static func ask(_ program: FilePath, _ word: String) throws -> (text: String, isWhole: Bool) {
        let result = try ChildProgram(program, [word]).run()
        return (String(decoding: result.output + result.errorOutput, as: UTF8.self), result.exit == .exited(0))
    }
}
