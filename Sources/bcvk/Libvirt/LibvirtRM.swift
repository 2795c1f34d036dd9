import ArgumentParser
import LibvirtDomain

struct LibvirtRM: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove domains that bcvk has defined; their disks stay.")

    @OptionGroup
    var connection: LibvirtConnection

    @Flag(name: .shortAndLong, help: "End those that still run.")
    var force = false

    @Argument(help: "The domains' names.")
    var names: [String]

    func run() throws {
        let virsh = try connection.virsh()
        for name in names {
            _ = try connection.note(name, virsh)
            if try virsh.state(name) != "shut off" {
                guard force else {
                    throw LibvirtError.failed("remove \(name)", reason: "it is running; stop it, or add --force")
                }
                try virsh.destroy(name)
            }
            try virsh.undefine(name)
        }
    }
}
