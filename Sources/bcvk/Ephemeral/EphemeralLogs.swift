import ArgumentParser
import Glibc
import GuestProtocol
import LinuxSystem
import SystemPackage
import VirtualMachine

struct EphemeralLogs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print what a machine has said.",
        discussion: """
            The journal of a machine that runs is read by the guest's own journalctl; of one that has ended there is what \
            --log-dir kept.

              bcvk ephemeral logs -f box
              bcvk ephemeral logs --journal box
            """)

    @Flag(name: .shortAndLong, help: "Go on until the machine ends.")
    var follow = false

    @Flag(exclusivity: .exclusive, help: "Which log; by default the console's.")
    var log = MachineLog.console

    @Argument(help: "The machine's name.")
    var name: String

    func run() throws {
        let record = try MachineRegistry(directory: Places.standard().state).find(name)
        let signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP])
        switch log {
        case .console: try show(record.consoleLog, record, signals)
        case .qemu: try show(record.qemuLog, record, signals)
        case .virtiofsd: try show(record.virtiofsdLog, record, signals)
        case .journal: try showJournal(record, signals)
        }
    }

    private func show(_ path: String, _ record: MachineRecord, _ signals: SignalDescriptor) throws {
        let log = try FileFollower(FilePath(path))
        try StandardOutput.write(try log.read())
        let control = MachineControl(MachineRegistry(directory: Places.standard().state))
        guard follow, let supervisor = try control.supervisor(of: record) else { return }
        while true {
            let watched = [log.descriptor, supervisor.descriptor.raw, signals.descriptor.raw]
            let ready = try Poller.wait(watched)
            try StandardOutput.write(try log.read())
            if ready.contains(signals.descriptor.raw), let number = try signals.next() { throw ExitCode(128 + number) }
            if ready.contains(supervisor.descriptor.raw) { return }
        }
    }

    private func showJournal(_ record: MachineRecord, _ signals: SignalDescriptor) throws {
        if record.state.isEnd {
            guard let file = record.journalLog else {
                throw MachineError.notRunning(name, reason: "its journal went with it; --log-dir journal=DIR keeps one")
            }
            return try show(file, record, signals)
        }
        try GuestWait(record, seconds: nil).wait(for: .agent, interruption: GuestWait.Interrupted.by(signals))
        let words = ["journalctl", "--boot", "--no-pager", "--output=short-iso"]
        let request = ExecuteRequest(words + (follow ? ["--follow", "--no-tail"] : []))
        let code = try AgentSession(record).run(request, endingOn: signals)
        if code != 0 { throw ExitCode(code) }
    }
}

/// A log of a machine.
enum MachineLog: String, EnumerableFlag {
    case console, journal, qemu, virtiofsd

    static func help(for value: MachineLog) -> ArgumentHelp? {
        switch value {
        case .console: "What the guest wrote to its console (the default)."
        case .journal: "The guest's journal."
        case .qemu: "QEMU's own messages."
        case .virtiofsd: "virtiofsd's messages."
        }
    }
}
