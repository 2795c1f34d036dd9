internal import FoundationEssentials
internal import Glibc
internal import LinuxSystem
public import SystemPackage

/// The supervisor as a process: what the hidden command of the command line runs.
public enum SupervisorProgram {
    /// Supervises the machine whose directory is given until it has ended, and returns the process's exit code.
    public static func main(directory path: FilePath, hasLifeline: Bool) -> Int32 {
        let directory = MachineDirectory(path)
        do {
            let plan = try JSONDecoder().decode(
                SupervisionPlan.self, from: Data(try Files.readWhole(directory.plan, limit: 4 << 20)))
            guard let record = try directory.readRecord() else { throw MachineError.noSuchMachine(directory.name) }
            let supervisor = try Supervisor(
                directory: directory, plan: plan, record: record, hasLifeline: hasLifeline)
            let end: MachineEnd
            do {
                end = try supervisor.run()
            } catch {
                end = MachineEnd(reason: "\(error)", failed: true)
            }
            try supervisor.finish(end)
            return end.failed ? 1 : 0
        } catch {
            // Standard error is the supervisor's log.
            let line = Array("bcvk supervisor: \(error)\n".utf8)
            _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
            return 1
        }
    }

    /// The process that a supervisor starts to fill a machine's memory: standard output from standard input.
    public static func fillMemory() throws { try MemoryFilling.fill() }

    /// The hidden command's words.
    static func arguments(directory: MachineDirectory, hasLifeline: Bool) -> [String] {
        ["internal", "supervise", directory.path.string] + (hasLifeline ? ["--lifeline"] : [])
    }
}
