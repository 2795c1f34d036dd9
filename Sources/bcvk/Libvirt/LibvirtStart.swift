import ArgumentParser
import LibvirtDomain

struct LibvirtStart: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "start", abstract: "Start domains.")

    @OptionGroup
    var connection: LibvirtConnection

    @Argument(help: "The domains' names.")
    var names: [String]

    func run() throws {
        let virsh = try connection.virsh()
        for name in names { try virsh.start(name) }
    }
}
