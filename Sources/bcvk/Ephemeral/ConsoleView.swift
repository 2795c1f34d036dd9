import ArgumentParser
import LinuxSystem
import SystemPackage
import VirtualMachine

/// A machine's console on standard output, up to the machine's end.
enum ConsoleView {
    static func follow(_ machine: MachineStart) throws {
        let signals = machine.signals
        let log = try FileFollower(FilePath(machine.record.consoleLog))
        while true {
            try StandardOutput.write(try log.read())
            let ready = try Poller.wait([log.descriptor, machine.link.descriptor, signals.descriptor.raw])
            if ready.contains(signals.descriptor.raw), let number = try signals.next() {
                try machine.discard()
                throw ExitCode(128 + number)
            }
            if ready.contains(machine.link.descriptor),
                case .ended(let reason, let failed)? = try machine.link.next(milliseconds: 0)
            {
                try StandardOutput.write(try log.read())
                _ = try machine.link.waitForEnd(milliseconds: 5000)
                if failed {
                    throw MachineError.ended(
                        name: machine.record.name, reason: reason, log: machine.record.consoleLog, lastLines: [])
                }
                return Message.say("bcvk: \(machine.record.name): \(reason)")
            }
        }
    }
}
