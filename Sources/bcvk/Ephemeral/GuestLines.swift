import GuestProtocol
import LinuxSystem
import VirtualMachine

/// Lines of shell, one after the other, in a guest that has booted.
struct GuestLines {
    let lines: [String]
    let bootTimeout: Int?

    /// Waits for the boot, runs the lines and returns the exit code of the last one that was run.
    func run(in machine: MachineStart) throws -> Int32 {
        let wait = GuestWait(machine.record, seconds: bootTimeout)
        do {
            Failures.tell(try wait.wait(for: .boot, interruption: machine.interruption), of: machine.record.name)
        } catch let interrupted as GuestWait.Interrupted {
            return TimeLimit.code(ofSignal: interrupted.signal)
        }
        for line in lines {
            let code = try AgentSession(machine.record).run(
                ExecuteRequest(["/bin/sh", "-c", line]), endingOn: machine.signals)
            if code != 0 { return code }
        }
        return 0
    }
}
