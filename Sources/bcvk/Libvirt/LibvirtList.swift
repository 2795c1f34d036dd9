import ArgumentParser
import LibvirtDomain

struct LibvirtList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the domains that bcvk has defined.")

    @OptionGroup
    var connection: LibvirtConnection

    @Flag(help: "Print a JSON array.")
    var json = false

    private struct Listed: Encodable {
        let name: String
        let state: String
        let image: String
        let digest: String
        let sshPort: UInt16

        enum CodingKeys: String, CodingKey {
            case name, state, image, digest
            case sshPort = "ssh_port"
        }
    }

    func run() throws {
        let virsh = try connection.virsh()
        let domains = try virsh.names().compactMap { name -> Listed? in
            guard let note = try virsh.note(name) else { return nil }
            return Listed(
                name: name, state: try virsh.state(name), image: note.image, digest: note.digest,
                sshPort: note.sshPort)
        }
        if json { return try StandardOutput.forms(domains) }
        var table = Table(["NAME", "STATE", "SSH PORT", "IMAGE"])
        for domain in domains { table.add([domain.name, domain.state, "\(domain.sshPort)", domain.image]) }
        try StandardOutput.line(table.text)
    }
}
