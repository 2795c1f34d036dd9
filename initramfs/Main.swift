import CGuest

/// The program of bcvk inside the machine. As process 1 of our own initramfs it does everything up to the image's init; in
/// the image's initramfs two units call it for the same steps.
@main
enum Guest {
    private static let root = "/sysroot"

    static func main() {
        do throws(GuestError) {
            guard let arguments = guest_arguments() else { throw GuestError("read", "arguments", code: EINVAL) }
            let count = guest_argument_count()
            if getpid() == 1, !WholeFile.exists("/bcvk/config") {
                try DiskRoot.boot(arguments)
            } else if getpid() == 1 {
                try boot(arguments)
            } else if count == 2, isText(arguments[1], "load-modules") {
                try Modules.load(.root)
                try Modules.load(.beside)
            } else if count == 3, isText(arguments[1], "setup-root"), let directory = arguments[2] {
                try Preparation.prepare(String(cString: directory), try Preparation.configuration())
                try AgentStart.addUnit()
            } else if count == 2, isText(arguments[1], "agent") {
                try Agent.run(environment: try AgentStart.environment())
            } else if count == 2, isText(arguments[1], "journal") {
                try Journal.stream(to: Journal.port)
            } else if count == 2, isText(arguments[1], "initramfs-journal") {
                try Journal.streamInitramfs()
            } else if count == 2, isText(arguments[1], "initramfs-emergency") {
                try Reports.sendEmergencyWithoutAgent()
            } else if count == 2, isText(arguments[1], "announce-devices") {
                try DeviceAnnouncement.run()
            } else if count == 3, isText(arguments[1], "event"), let name = arguments[2] {
                try Reports.send(String(cString: name))
            } else {
                Console.warn(
                    "usage: bcvk-guest load-modules | setup-root DIRECTORY | agent | announce-devices | event NAME | journal | initramfs-journal | initramfs-emergency"
                )
                exit(64)
            }
        } catch {
            fail(error)
        }
    }

    private static func boot(_ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) throws(GuestError) {
        try KernelFileSystems.mount()
        let configuration = try Preparation.configuration()
        let companion = Companion(configuration)
        try Modules.load(.root)
        try RootLayout(configuration: configuration).mountImage(on: root)
        try Preparation.prepare(root, configuration, companion)
        try enter(root)
        var service = configuration.service.map { ServiceInit($0) }
        AgentStart.beside()
        if configuration.overlaysUsr { UnitReading.begin() }
        try service?.run()
        try become(configuration.initProgram, arguments)
    }

    /// Makes a directory the root.
    static func enter(_ root: String) throws(GuestError) {
        try KernelFileSystems.move(into: root)
        if guest_switch_root(root) != 0 { throw GuestError("switch to", root) }
    }

    /// Becomes the system's init.
    static func become(
        _ program: String, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    ) throws(GuestError) -> Never {
        // What the kernel did not understand of its command line is meant for init.
        arguments[0] = strdup(program)
        guest_execute(program, arguments)
        throw GuestError("execute", program)
    }

    /// Process 1 may not end, that would be a kernel panic: it says why and powers off, and the host sees both at once.
    private static func fail(_ error: GuestError) {
        Console.fatal(error.text)
        if getpid() == 1 { guest_power_off() }
        exit(1)
    }

    private static func isText(_ argument: UnsafeMutablePointer<CChar>?, _ text: String) -> Bool {
        guard let argument else { return false }
        return strcmp(argument, text) == 0
    }
}
