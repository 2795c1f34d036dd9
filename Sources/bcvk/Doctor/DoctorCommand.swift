import ArgumentParser
import HostHealth
import VirtualMachine

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say whether this host can run machines, and what is missing.",
        discussion: """
            Each line is ok, a note (machines run, but something is slower or cannot be done) or a problem (no machine can run), \
            with its cure below it. It asks the functions that the other commands use, so these would say the same.

            Exit codes: 0 machines can run; 1 there is a problem.
            """)

    @Flag(help: "Print a JSON object.")
    var json = false

    func run() throws {
        let report = HostReport.make(
            store: StoreAccess().store, registry: MachineRegistry(directory: Places.standard().state))
        if json {
            try StandardOutput.form(report)
        } else {
            try StandardOutput.line(Self.table(report))
        }
        if !report.canRunMachines { throw ExitCode(ExitCodes.unhealthy) }
    }

    private static func table(_ report: HostReport) -> String {
        var table = Table(["STATUS", "CHECK", "FINDING"])
        for finding in report.findings {
            table.add([
                finding.status.rawValue, finding.id.replacing("_", with: " "), finding.detail,
            ])
            if let cure = finding.cure { table.add(["", "", "  cure: \(cure)"]) }
        }
        let verdict = report.canRunMachines ? "Machines can run here." : "No machine can run here."
        return table.text + "\n\n" + verdict
    }
}
