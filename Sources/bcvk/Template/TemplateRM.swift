import ArgumentParser
import VirtualMachine

struct TemplateRM: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove templates.",
        discussion: "Machines that went on from them do not need them any more.")

    @Argument(help: "The templates, by their keys or the beginnings of them.")
    var keys: [String]

    func validate() throws {
        if keys.isEmpty { throw ValidationError("name at least one template") }
    }

    func run() throws {
        let store = TemplateStore(StoreAccess().store)
        // All are found before one is removed.
        let entries = try keys.map { try store.matching($0) }
        for entry in entries {
            try store.remove(entry)
            try StandardOutput.line(entry.template.key)
        }
    }
}
