import ArgumentParser
import Glibc
import LibvirtDomain
import LinuxSystem
import VirtualMachine

struct LibvirtSSH: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh", abstract: "Log in to a domain, or run a command in it.",
        discussion: "The exit code is the command's; 255 means that ssh itself failed.")

    @OptionGroup
    var connection: LibvirtConnection

    @Option(help: ArgumentHelp("How long a domain that is still booting may take.", valueName: "seconds"))
    var bootTimeout = 300

    @Argument(help: "The domain's name.")
    var name: String

    @Argument(parsing: .captureForPassthrough, help: "Options of ssh, then the command.")
    var words: [String] = []

    func run() throws {
        let signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP])
        let virsh = try connection.virsh()
        let note = try connection.note(name, virsh)
        guard try virsh.state(name) == "running" else {
            throw LibvirtError.failed("ssh \(name)", reason: "it is \(try virsh.state(name))")
        }
        let connection = try SSHConnection(try wait(port: note.sshPort, signals))
        let split = SSHWords(words)
        let command = SSHCommand(
            port: note.sshPort, key: note.sshKey, user: note.sshUser, options: split.options, command: split.command,
            wantsTerminal: Terminal.isInteractive)
        // The domain's end is seen by the connection's: a pipe that nobody closes stands in its place.
        let pipe = try OwnedPipe()
        switch try SSHSession.run(command, over: connection, machine: pipe.read, signals: signals) {
        case .client(let status): throw ExitCode(status.shellCode)
        case .signal(let number): throw ExitCode(128 + number)
        case .machine: throw LibvirtError.failed("ssh \(name)", reason: "it ended")
        }
    }

    /// Looks at the port until a server answers. QEMU accepts for the guest at once, so only the server's first line tells.
    private func wait(port: UInt16, _ signals: SignalDescriptor) throws -> OwnedDescriptor {
        let end = ContinuousClock.now + .seconds(bootTimeout)
        let interruptions = [signals.descriptor.raw]
        while ContinuousClock.now < end {
            let answer = try SSHBanner.connect(port: port, milliseconds: 5000, interruptions: interruptions)
            if let answer { return answer }
            if try !Poller.wait(interruptions, milliseconds: 300).isEmpty {
                throw ExitCode(128 + (try signals.next() ?? SIGTERM))
            }
        }
        throw LibvirtError.failed("ssh \(name)", reason: "no ssh server after \(bootTimeout) s")
    }
}
