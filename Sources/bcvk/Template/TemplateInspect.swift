import ArgumentParser
import VirtualMachine

struct TemplateInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Print everything that is known of a template, as JSON.")

    @Argument(help: "The template, by its key or the beginning of it.")
    var key: String

    func run() throws {
        let store = TemplateStore(StoreAccess().store)
        try StandardOutput.json(try TemplateListing(store.matching(key)))
    }
}
