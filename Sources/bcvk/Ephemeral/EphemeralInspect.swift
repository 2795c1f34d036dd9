import ArgumentParser
import VirtualMachine

struct EphemeralInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Print everything that is known of a machine, as JSON.",
        discussion: """
            The key confinement tells how its processes are fenced in, as the kernel says it at this moment: capabilities, \
            system call filters, namespaces.
            """)

    @Argument(help: "The machine's name.")
    var name: String

    func run() throws {
        let record = try MachineRegistry(directory: Places.standard().state).find(name)
        try StandardOutput.form(Inspection(record: record, confinement: record.confinement()))
    }
}

/// A machine's record, and what is looked up beside it.
private struct Inspection: Encodable {
    let record: MachineRecord
    let confinement: [MachineConfinement]

    private enum CodingKeys: String, CodingKey {
        case confinement
    }

    func encode(to encoder: any Encoder) throws {
        try record.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(confinement, forKey: .confinement)
    }
}
