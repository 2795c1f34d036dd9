import ArgumentParser
import DiskImage
import SystemPackage

struct InternalSurvey: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "survey", abstract: "Count a tree.")

    @Argument var tree: String

    func run() throws {
        try StandardOutput.json(try TreeSurvey.of(FilePath(tree)))
    }
}
