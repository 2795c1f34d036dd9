import ArgumentParser
import ImageStore

struct ImagesRM: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove images from the cache, with what no other image needs.",
        discussion: "An image that a machine uses stays, and then nothing is removed.")

    @Flag(help: "Print a JSON object.")
    var json = false

    @Argument(help: "The images, by name or by the beginning of the digest.")
    var images: [String]

    func validate() throws {
        if images.isEmpty { throw ValidationError("name at least one image") }
    }

    func run() throws {
        let access = StoreAccess()
        let removed = try access.store.remove(images, progress: access.show)
        try RemovalOutput(removed: removed).print(json: json)
    }
}
