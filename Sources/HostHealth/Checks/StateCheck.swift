internal import LinuxSystem
internal import SystemPackage
internal import VirtualMachine

/// Whether machines can have their directories and sockets.
enum StateCheck {
    private static let id = "state"

    static func look(_ registry: MachineRegistry) -> Finding {
        let directory = registry.directory
        do {
            try registry.tryOut()
            let kind = try FileSystemFacts(of: directory).kind
            return Finding(
                id, .ok, "\(directory) (\(kind)): locks, sockets",
                facts: ["directory": .text(directory.string), "file_system": .text(kind)])
        } catch {
            return Finding(id, .problem, failure: error, facts: ["directory": .text(directory.string)])
        }
    }
}
