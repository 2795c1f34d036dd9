import ArgumentParser
import LibvirtDomain

struct LibvirtXML: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xml", abstract: "Print a domain for a disk, or for an image by direct kernel boot.")

    @OptionGroup(title: "Domain options")
    var options: DomainOptions

    func run() throws {
        try StandardOutput.write(Array(try options.domain().xml.utf8))
    }
}
