import ArgumentParser
import Machine
import VirtualMachine

struct TemplateList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the templates in the cache.")

    @Flag(help: "Print a JSON array.")
    var json = false

    func run() throws {
        let entries = try TemplateStore(StoreAccess().store).all()
        if json { return try StandardOutput.json(entries.map(TemplateListing.init)) }
        var table = Table(["KEY", "IMAGE", "KERNEL", "MEMORY", "CPUS", "SIZE", "USABLE", "LAST USED"])
        for entry in entries {
            let template = entry.template
            let listing = try TemplateListing(entry)
            table.add([
                String(template.key.prefix(12)), template.image, template.kernelVersion,
                ByteSize(mebibytes: template.memoryMebibytes).description, "\(template.processors)",
                ByteSize(bytes: UInt64(max(0, entry.size))).description, listing.isUsable ? "yes" : "no",
                listing.lastUsed,
            ])
        }
        try StandardOutput.line(table.text)
    }
}
