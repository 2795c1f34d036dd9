import ArgumentParser
import Machine
import VirtualMachine

struct EphemeralPS: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps", abstract: "List the machines, with those that have ended and were not removed.")

    @Flag(help: "Print a JSON array, each machine as inspect shows it.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print the names only.")
    var quiet = false

    @OptionGroup
    var filter: LabelFilter

    func run() throws {
        let machines = try filter.machines(of: MachineRegistry(directory: Places.standard().state))
        if json { return try StandardOutput.forms(machines) }
        if quiet { return try machines.forEach { try StandardOutput.line($0.name) } }
        var table = Table(["NAME", "IMAGE", "STATE", "CREATED", "SSH PORT", "ACCELERATOR", "PORTS"])
        for machine in machines {
            let isUp = machine.state == .running || machine.state == .paused
            table.add([
                machine.name, machine.image, machine.state.rawValue, machine.createdAt,
                isUp && machine.hasSSH && machine.sshPort > 0 ? "\(machine.sshPort)" : "-",
                machine.accelerator?.rawValue ?? "-",
                isUp ? machine.ports.map(\.description).joined(separator: ", ") : "",
            ])
        }
        try StandardOutput.line(table.text)
    }
}
