internal import ContainerImage
internal import Glibc
internal import GuestProtocol
internal import ImageStore

/// An image that was made for a container: what it runs becomes the one service of a machine.
struct ApplicationImage {
    private let image: StoredImage

    init(_ image: StoredImage) {
        self.image = image
    }

    /// Entrypoint, command, environment, working directory, user and stop signal, as a container engine would use them.
    func service() throws(RequestError) -> GuestService {
        let execution = image.configuration.config
        let arguments = (execution?.entrypoint ?? []) + (execution?.command ?? [])
        guard !arguments.isEmpty else {
            throw .imageLacks(
                image: image.reference, what: "an init, an entrypoint or a command: there is nothing to run", hint: nil)
        }
        let signal = execution?.stopSignal ?? "SIGTERM"
        guard let number = Self.number(ofSignal: signal) else {
            throw .imageLacks(image: image.reference, what: "a stop signal that is one: it says \(signal)", hint: nil)
        }
        return GuestService(
            arguments: arguments, environment: execution?.environment ?? [],
            directory: execution?.workingDirectory ?? "", user: execution?.user ?? "", stopSignal: number)
    }

    private static let names: [String: Int32] = [
        "HUP": SIGHUP, "INT": SIGINT, "QUIT": SIGQUIT, "KILL": SIGKILL, "USR1": SIGUSR1, "USR2": SIGUSR2,
        "TERM": SIGTERM, "PWR": SIGPWR, "WINCH": SIGWINCH, "ABRT": SIGABRT, "CONT": SIGCONT, "STOP": SIGSTOP,
    ]

    /// `SIGTERM`, `TERM`, `15` or `SIGRTMIN+3`.
    static func number(ofSignal text: String) -> UInt8? {
        let name = text.uppercased()
        let short = name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name
        if let number = UInt8(short) { return (1...64).contains(number) ? number : nil }
        if short.hasPrefix("RTMIN") {
            guard let offset = UInt8(short.dropFirst(5).isEmpty ? "0" : short.dropFirst(6)), offset <= 30 else {
                return nil
            }
            // The kernel's first real-time signal is 32, of which the C library keeps two for itself.
            return 34 + offset
        }
        return names[short].map { UInt8($0) }
    }
}
