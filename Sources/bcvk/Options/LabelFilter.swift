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

    /// Whether a machine is meant.
    func includes(_ machine: MachineRecord) -> Bool {
        labels.allSatisfy { $0.matches(machine.labels) }
    }
}
