import ArgumentParser
import Glibc
import VirtualMachine

/// What is to be found inside the guest.
struct GuestOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The guest's host name; by default the machine's name.", valueName: "name"),
        transform: { try HostName($0) })
    var hostname: HostName?

    @Option(
        help: ArgumentHelp("The account that ssh logs in as; the image must have it.", valueName: "name"),
        transform: { try UserName($0) })
    var user = UserName.root

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "A variable for services and logins; without a value, the one it has here; may be repeated.",
            valueName: "name[=value]"),
        transform: { text in
            try EnvironmentVariable(text) { name in getenv(name).map { String(cString: $0) } }
        })
    var env: [EnvironmentVariable] = []

    @Option(
        help: ArgumentHelp(
            "A directory whose 'system' holds units, which are put into the guest's /etc/systemd/system.",
            valueName: "dir"))
    var systemdUnits: String?

    @Option(help: ArgumentHelp("User data for the guest's cloud-init.", valueName: "file"))
    var cloudInit: String?

    @Flag(
        name: .shortAndLong,
        help: "Taken for compatibility: standard input is always passed on to a command in the guest.")
    var interactive = false

    @Flag(name: .shortAndLong, help: "Taken for compatibility: a terminal is passed on where there is one.")
    var tty = false

    @Flag(
        name: [.customShort("K"), .customLong("ssh-keygen")],
        help: "Taken for compatibility: every machine has its own ssh key.")
    var sshKeygen = false

    func apply(to request: inout MachineRequest) {
        request.guest.hostname = hostname
        request.guest.user = user
        request.guest.environment = env
        request.systemdUnits = systemdUnits
        request.cloudInit = cloudInit
    }
}
