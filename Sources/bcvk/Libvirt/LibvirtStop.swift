import ArgumentParser
import Glibc
import LibvirtDomain

struct LibvirtStop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Shut domains down, as their power button would.")

    @OptionGroup
    var connection: LibvirtConnection

    @Flag(name: .shortAndLong, help: "End them at once.")
    var force = false

    @Option(help: ArgumentHelp("How long a guest may take before it is ended.", valueName: "seconds"))
    var timeout = 60

    @Argument(help: "The domains' names.")
    var names: [String]

    func run() throws {
        let virsh = try connection.virsh()
        for name in names {
            if try virsh.state(name) == "shut off" { continue }
            if !force {
                try virsh.shutDown(name)
                if try hasEnded(name, virsh) { continue }
                Message.warn("\(name) did not shut down within \(timeout) s and was ended")
            }
            try virsh.destroy(name)
        }
    }

    /// virsh has no way to wait for one domain's end without a time of its own: it is asked every half second.
    private func hasEnded(_ name: String, _ virsh: Virsh) throws -> Bool {
        let end = ContinuousClock.now + .seconds(timeout)
        while ContinuousClock.now < end {
            if try virsh.state(name) == "shut off" { return true }
            usleep(500_000)
        }
        return false
    }
}
