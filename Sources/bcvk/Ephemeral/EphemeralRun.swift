import ArgumentParser
import VirtualMachine

struct EphemeralRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Boot an image.",
        discussion: """
            In the foreground the guest's console is shown on standard output until the guest powers off or Ctrl-C ends it. \
            With --detach the machine stays until it is stopped, and its name is printed.

              bcvk ephemeral run -d --name box IMAGE
              bcvk ephemeral ssh box
            """)

    @OptionGroup(title: "Machine options")
    var options: MachineOptions

    @OptionGroup(title: "Image options")
    var imageOptions: ImageOptions

    @Flag(name: .shortAndLong, help: "Leave the machine running in the background and print its name.")
    var detach = false

    @Flag(
        name: .customLong("rm"),
        help: "Remove the machine when it ends; without --detach it always is, unless it failed.")
    var remove = false

    @Argument(help: "The image.")
    var image: String

    func run() throws {
        let request = options.request(isVerbose: !detach, removeAtExit: remove || !detach)
        let machine = try MachineStart(image, imageOptions, request, attached: !detach, timing: Timing())
        if detach { return try StandardOutput.line(machine.record.name) }
        Message.say(
            "bcvk: \(machine.record.name) is booting; bcvk ephemeral ssh \(machine.record.name) logs in, Ctrl-C ends it"
        )
        try ConsoleView.follow(machine)
    }
}
