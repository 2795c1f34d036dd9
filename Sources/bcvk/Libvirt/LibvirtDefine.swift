import ArgumentParser
import BootPlan
import LibvirtDomain

struct LibvirtDefine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "define", abstract: "Define a domain for a disk or an image, and print its name.")

    @OptionGroup
    var connection: LibvirtConnection

    @OptionGroup(title: "Domain options")
    var options: DomainOptions

    func run() throws {
        let virsh = try connection.virsh()
        let domain = try options.domain()
        if case .kernel = domain.boot {
            let version = try virsh.version()
            // Since 11.0 libvirt tells virtiofsd to refuse writes; before, it takes no such domain, and says so less clearly.
            if VersionOrder.isOlder(version, "11.0.0") { throw LibvirtError.tooOld(version: version) }
        }
        try virsh.define(domain.xml)
        try StandardOutput.line(domain.name)
    }
}
