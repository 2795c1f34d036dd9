import ArgumentParser
import VirtualMachine

struct EphemeralSSHConfig: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh-config", abstract: "Print a block of ssh_config(5) for a machine.",
        discussion: """
            With it every tool that uses ssh reaches the machine by its name:

              bcvk ephemeral ssh-config box >box.conf
              scp -F box.conf file box:/tmp/
              rsync -e 'ssh -F box.conf' -a dir/ box:/srv/dir/
              ansible all -i box, --ssh-common-args '-F box.conf' -m ping
            """)

    @Argument(help: "The machine's name.")
    var name: String

    func run() throws {
        let control = MachineControl(MachineRegistry(directory: Places.standard().state))
        let record = try control.running(name)
        guard record.hasSSH else { throw MachineError.noNetwork(name) }
        try StandardOutput.line(SSHConfiguration(record).text)
    }
}
