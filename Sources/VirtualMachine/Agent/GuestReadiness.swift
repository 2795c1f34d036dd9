internal import FoundationEssentials
package import GuestProtocol

/// How far the guest is, as it tells itself.
public struct GuestReadiness: Sendable, Hashable, Codable {
    /// Whether the agent answers.
    public var agent = false
    /// Whether the ssh server has been started.
    public var ssh = false
    /// Whether the default target was reached.
    public var boot = false
    /// The units that had failed by then.
    public var failedUnits: [String] = []
    /// The exit code of the service of an image without an init, as a shell gives it; nil while it has not ended.
    public var serviceExit: Int32?
    /// Whether systemd has given up and offers a shell on the console.
    public var emergency = false

    /// Nothing is known yet.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case agent, ssh, boot, emergency
        case serviceExit = "service_exit"
        case failedUnits = "failed_units"
    }

    /// Takes an event of the guest. What it names is somebody else's text, and is bounded.
    package mutating func note(_ event: GuestEvent) {
        switch event {
        case .booted(let units):
            boot = true
            failedUnits = units.prefix(100).map { ConsoleTail.printable(Array($0.utf8.prefix(256))[...]) }
        case .sshStarted: ssh = true
        case .emergency: emergency = true
        case .serviceEnded(.exited(let code)): serviceExit = Int32(code)
        case .serviceEnded(.signalled(let number)): serviceExit = 128 + Int32(number)
        }
    }
}
