import ArgumentParser
import ImageStore

struct ImagesPrune: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove from the cache what no image needs.",
        discussion: "With --all every image goes too, except those that a machine uses.")

    @Flag(help: "Remove images too.")
    var all = false

    @Option(
        help: ArgumentHelp("Leave what was used since: 30m, 12h, 7d; a bare number counts hours.", valueName: "time"))
    var olderThan: Age?

    @Flag(name: [.customShort("n"), .long], help: "Only say what would be removed.")
    var dryRun = false

    @Flag(help: "Print a JSON object.")
    var json = false

    func run() throws {
        let access = StoreAccess()
        let removed = try access.store.prune(
            all: all, olderThan: olderThan?.seconds, isTrial: dryRun, progress: access.show)
        try RemovalOutput(removed: removed).print(json: json, isTrial: dryRun)
    }
}

/// A length of time back from now.
struct Age: ExpressibleByArgument, Equatable {
    let seconds: Int64

    init?(argument text: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800]
        let unit = text.last.flatMap { units[$0] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard let number = Int64(digits), number >= 0 else { return nil }
        let (product, isTooLong) = number.multipliedReportingOverflow(by: unit ?? 3600)
        guard !isTooLong else { return nil }
        seconds = product
    }
}
