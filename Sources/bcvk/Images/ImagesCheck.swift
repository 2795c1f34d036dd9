import ArgumentParser
import ImageStore

struct ImagesCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Compare images in the cache with what was unpacked, and repair them.",
        discussion: """
            Every file's content, mode, owner, time, attributes and links are compared. What is damaged is unpacked again, and \
            fetched again for that where need be. The exit code is 0 when every image is whole in the end.
            """)

    @Flag(help: "Only say what is damaged.")
    var noRepair = false

    @Flag(help: "Print a JSON array.")
    var json = false

    @OptionGroup(title: "Source options")
    var source: SourceOptions

    @Argument(help: "The images, by name or by the beginning of the digest; by default all.")
    var images: [String] = []

    func run() throws {
        let access = StoreAccess()
        let chosen = images.isEmpty ? try access.store.images() : try images.flatMap(access.store.images(named:))
        var reports: [CheckReport] = []
        for image in chosen {
            let report = try access.store.check(
                image, repairs: !noRepair, registry: source.registry, progress: access.show)
            access.clear()
            reports.append(report)
            if json { continue }
            for finding in report.findings.prefix(10) { Message.warn("\(report.reference): \(finding.text)") }
            if report.count > 10 { Message.warn("\(report.reference): \(report.count - 10) more") }
            if let reason = report.reason { Message.warn("\(report.reference): not repaired: \(reason)") }
            try StandardOutput.line("\(report.state.rawValue)  \(report.reference)")
        }
        if json { try StandardOutput.forms(reports) }
        if reports.contains(where: { $0.state == .damaged }) { throw ExitCode(ExitCodes.failed) }
    }
}
