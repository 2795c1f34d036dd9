import ArgumentParser
import Glibc
import GuestProtocol
import LinuxSystem
import SystemPackage
import VirtualMachine

struct EphemeralCP: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cp", abstract: "Copy files and directories into a machine or out of it.",
        discussion: """
            One side is NAME:/PATH. As with cp, what is copied goes into a destination that is a directory, and gets the \
            destination's name otherwise; a source that ends in /. stands for what the directory holds. Modes and times are \
            kept; in the guest the files belong to root, here to you.

              bcvk ephemeral cp ./site box:/srv/www
              bcvk ephemeral cp box:/var/log/journal .
            """)

    @Argument(help: "What is copied.")
    var source: String

    @Argument(help: "Where to.")
    var destination: String

    func run() throws {
        switch (MachinePath(source), MachinePath(destination)) {
        case (nil, let target?): try copyIn(to: target)
        case (let origin?, nil): try copyOut(from: origin)
        default: throw ValidationError("exactly one of source and destination is NAME:/PATH")
        }
    }

    private func machine(_ name: String) throws -> MachineRecord {
        let record = try MachineControl(MachineRegistry(directory: Places.standard().state)).running(name)
        let signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP])
        try GuestWait(record, seconds: nil).wait(for: .agent, interruption: GuestWait.Interrupted.by(signals))
        return record
    }

    private func copyIn(to target: MachinePath) throws {
        let record = try machine(target.machine)
        try finish(record, try GuestCopy(record).copyIn(source, to: target.path) { Message.warn($0) })
    }

    private func copyOut(from origin: MachinePath) throws {
        let record = try machine(origin.machine)
        try finish(record, try GuestCopy(record).copyOut(origin.path, to: destination))
    }

    private func finish(_ record: MachineRecord, _ result: GuestCopy.Result) throws {
        for line in result.complaints { Message.say("bcvk: \(record.name): \(line)") }
        let code = try AgentSession(record).exitCode(result.outcome)
        if code != 0 { throw ExitCode(ExitCodes.failed) }
    }
}

/// `NAME:/PATH`.
struct MachinePath {
    let machine: String
    let path: String

    /// nil for a path of this host: one that begins with a slash or a dot, or has no name before a colon and slash.
    init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let name = String(text[..<colon])
        let path = String(text[text.index(after: colon)...])
        guard MachineName(name) != nil, path.hasPrefix("/") else { return nil }
        machine = name
        self.path = path
    }
}
