import ArgumentParser
import ImageStore
import SystemPackage
import VirtualMachine

struct TemplatePrune: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove templates from which no machine can go on any more.",
        discussion: """
            These are templates of another version of QEMU, virtiofsd, the kernel or bcvk. Those of images that are gone are \
            removed with them, by images prune.
            """)

    @Flag(help: "Remove the others too.")
    var all = false

    @Option(
        help: ArgumentHelp("Leave what was used since: 30m, 12h, 7d; a bare number counts hours.", valueName: "time"))
    var olderThan: Age?

    @Flag(name: [.customShort("n"), .long], help: "Only say what would be removed.")
    var dryRun = false

    @Flag(help: "Print a JSON object.")
    var json = false

    func run() throws {
        let removed = try TemplateStore(StoreAccess().store)
            .prune(all: all, olderThan: olderThan?.seconds, isTrial: dryRun)
        let items = removed.map {
            RemovedItem(kind: .template, id: $0.directory.lastComponent?.string ?? "", bytes: $0.size)
        }
        try RemovalOutput(removed: items).print(json: json, isTrial: dryRun)
    }
}
