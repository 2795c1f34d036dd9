import ArgumentParser
import VirtualMachine

/// Which machines a command is about.
struct LabelFilter: ParsableArguments {
    @Option(
        name: .customLong("label"),
        help: ArgumentHelp("Only machines with this label, and with all if repeated.", valueName: "key[=value]"),
        transform: { try Label($0) })
    var labels: [Label] = []

    /// Whether every machine is meant.
    var isEmpty: Bool { labels.isEmpty }

    /// The machines that are meant. Those that another bcvk has written of in a form that is not this one's are named in a warning.
    func machines(of registry: MachineRegistry) throws -> [MachineRecord] {
        let (records, unreadable) = try registry.machines()
        for name in unreadable { Message.warn("\(MachineError.recordUnreadable(name)): it is left out") }
        for record in records where record.isForeign {
            Message.warn(
                "machine \(record.name) was started by another version of bcvk: not all of it may be shown right")
        }
        return records.filter(includes)
    }

    /// Whether a machine is meant.
    private func includes(_ machine: MachineRecord) -> Bool {
        labels.allSatisfy { $0.matches(machine.labels) }
    }
}
