import ArgumentParser
import Glibc
import LinuxSystem
import VirtualMachine

struct TemplateCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Boot a machine, save it, and print the template's key.",
        discussion: "A template that is there already is kept, and its key printed.")

    @OptionGroup
    var options: MachineOptions

    @OptionGroup(title: "Image options")
    var imageOptions: ImageOptions

    @Option(help: ArgumentHelp("How long the boot may take; by default 240, translated 600.", valueName: "seconds"))
    var bootTimeout: Int?

    @Argument(help: "The image.")
    var image: String

    func run() throws {
        if imageOptions.kernelFrom != nil {
            throw TemplateError.excluded("--kernel-from", reason: "its service runs once")
        }
        var request = options.request(isVerbose: false, removeAtExit: true)
        request.isWarm = true
        let host = try MachineHost(request, cache: Places.standard().cache)
        let access = StoreAccess()
        let stored = try access.image(image, imageOptions.pull, source: imageOptions.source.registry)
        let signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP])
        let launcher = MachineLauncher(
            registry: MachineRegistry(directory: Places.standard().state), store: access.store, host: host)
        let start = WarmStart(
            launcher: launcher, signals: signals, progress: access.show, bootTimeout: bootTimeout)
        let entry = try launcher.template(for: stored, request) ?? start.make(for: stored, request)
        try StandardOutput.line(entry.template.key)
    }
}
