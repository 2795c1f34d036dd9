import ArgumentParser
import Glibc
import GuestProtocol
import LinuxSystem
import SystemPackage
import VirtualMachine

/// A machine in the foreground: one of its streams on standard output until it ends or somebody ends it.
struct ForegroundView {
    let machine: MachineStart

    /// Shows the console; returns the exit code.
    func showConsole() throws -> Int32 {
        let log = try FileFollower(FilePath(machine.record.consoleLog))
        while true {
            try StandardOutput.write(try log.read())
            let ready = try Poller.wait([log.descriptor, machine.link.descriptor, machine.signals.descriptor.raw])
            if let code = try codeOfSignal(ready) { return code }
            if ready.contains(machine.link.descriptor), let end = try machine.link.next(milliseconds: 0) {
                try StandardOutput.write(try log.read())
                return try code(of: end)
            }
        }
    }

    /// Shows the journal as text, from its first entry.
    func showJournal(bootTimeout: Int?) throws -> Int32 {
        do {
            try GuestWait(machine.record, seconds: bootTimeout).wait(for: .agent, interruption: machine.interruption)
            let request = ExecuteRequest([
                "journalctl", "--follow", "--boot", "--no-tail", "--no-pager", "--quiet", "--output=short-monotonic",
            ])
            let session = AgentSession(machine.record)
            let outcome = try session.outcome(of: request, until: machine.interruption)
            if case .refused = outcome {
                try machine.discard()
                return try session.exitCode(outcome)
            }
            // The journal ends with the machine; a moment later its end is known.
            while true {
                if let end = try machine.link.next(milliseconds: nil) { return try code(of: end) }
            }
        } catch let interrupted as GuestWait.Interrupted {
            try machine.discard()
            return TimeLimit.code(ofSignal: interrupted.signal)
        }
    }

    /// Connects the terminal with the console.
    func attachConsole() throws -> Int32 {
        let socket = try UnixSocket.connect(FilePath(machine.record.directory).appending("console.sock"))
        let terminal = try RawTerminal(STDIN_FILENO)
        defer { terminal?.restore() }
        var inputIsOpen = true
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            var interests = [
                Poller.Interest(socket.raw), Poller.Interest(machine.link.descriptor),
                Poller.Interest(machine.signals.descriptor.raw),
            ]
            if inputIsOpen { interests.append(Poller.Interest(STDIN_FILENO)) }
            let ready = try Poller.wait(interests)
            if ready.contains(machine.signals.descriptor.raw), let number = try machine.signals.next() {
                try machine.discard()
                return TimeLimit.code(ofSignal: number)
            }
            if ready.contains(socket.raw) {
                let count = recv(socket.raw, &buffer, buffer.count, 0)
                if count > 0 { try StandardOutput.write(buffer[..<count]) }
            }
            if inputIsOpen, ready.contains(STDIN_FILENO) {
                let count = read(STDIN_FILENO, &buffer, buffer.count)
                inputIsOpen = count > 0
                if count > 0 {
                    if terminal != nil, buffer[..<count].contains(Self.escape) {
                        try machine.discard()
                        return 0
                    }
                    try socket.writeAll(Array(buffer[..<count]), subject: "console")
                }
            }
            if ready.contains(machine.link.descriptor), let end = try machine.link.next(milliseconds: 0) {
                return try code(of: end)
            }
        }
    }

    /// Ctrl-], as telnet has it.
    private static let escape: UInt8 = 0x1D

    private func codeOfSignal(_ ready: Set<Int32>) throws -> Int32? {
        guard ready.contains(machine.signals.descriptor.raw), let number = try machine.signals.next() else {
            return nil
        }
        try machine.discard()
        return TimeLimit.code(ofSignal: number)
    }

    /// The exit code of a machine that has ended by itself: of its service, where it has one.
    private func code(of report: SupervisorReport) throws -> Int32 {
        guard case .ended(let reason, let failed, let code) = report else { return 0 }
        _ = try machine.link.waitForEnd(milliseconds: 5000)
        if failed {
            throw MachineError.ended(
                name: machine.record.name, reason: reason, log: machine.record.consoleLog, lastLines: [])
        }
        Message.say("bcvk: \(machine.record.name): \(reason)")
        return code ?? 0
    }
}
