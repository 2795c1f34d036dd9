public import ArgumentParser
import Machine
public import VirtualMachine

/// How far the machine's network reaches, and who reaches it.
struct NetworkOptions: ParsableArguments {
    @Option(
        help: "user: wherever this host reaches; isolated: nowhere, but published ports and ssh work; none: no network."
    )
    var network = NetworkRequest.Mode.user

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            """
            A port of this host that leads into the guest; may be repeated. HOST 0 takes a free one, which ps shows; \
            without IP only this host reaches it.
            """, valueName: "[ip:]host:guest[/udp]"),
        transform: { try PortForward(published: $0) })
    var publish: [PortForward] = []

    func validate() throws {
        if network == .none, !publish.isEmpty {
            throw ValidationError("\(RequestError.contradiction("--network none", "--publish"))")
        }
    }

    func apply(to request: inout MachineRequest) {
        request.network.mode = network
        request.network.published = publish
    }
}

extension NetworkRequest.Mode: ExpressibleByArgument {}
