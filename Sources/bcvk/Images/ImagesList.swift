import ArgumentParser
import ContainerImage
import ImageStore
import Machine

struct ImagesList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the images in the cache.")

    @Flag(help: "Print a JSON array.")
    var json = false

    func run() throws {
        let images = try StoreAccess().store.images()
        if json { return try StandardOutput.forms(images.map(ImageListing.init)) }
        var table = Table(["IMAGE", "DIGEST", "SIZE", "LAYERS", "BOOTC", "PULLED"])
        for image in images {
            table.add([
                image.reference, image.digest.short, ByteSize(bytes: UInt64(max(0, image.size))).description,
                "\(image.layers.count)", image.configuration.labels["containers.bootc"] == "1" ? "yes" : "no",
                image.pulledAt,
            ])
        }
        try StandardOutput.line(table.text)
    }
}
