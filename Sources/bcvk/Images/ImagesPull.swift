import ArgumentParser
import ContainerImage
import ImageStore

struct ImagesPull: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Fetch an image and unpack it into the cache.")

    @Flag(help: "Print a JSON object with the image's digest and the path of its tree.")
    var json = false

    @OptionGroup(title: "Source options")
    var source: SourceOptions

    @Argument(help: "The image.")
    var image: String

    func run() throws {
        let stored = try StoreAccess().image(image, .always, source: source.registry)
        for line in stored.omitted.prefix(5) { Message.warn("not kept: \(line)") }
        if stored.omitted.count > 5 { Message.warn("not kept: \(stored.omitted.count - 5) more") }
        if json { return try StandardOutput.form(ImageListing(stored)) }
        try StandardOutput.line(stored.digest.description)
    }
}

/// An image as `images pull` and `images list` show it.
struct ImageListing: Encodable {
    let reference: String
    let digest: String
    let tree: String
    let size: Int64
    let layers: Int
    let architecture: String
    let bootc: Bool
    let createdAt: String?
    let pulledAt: String

    enum CodingKeys: String, CodingKey {
        case reference, digest, tree, size, layers, architecture, bootc
        case createdAt = "created_at"
        case pulledAt = "pulled_at"
    }

    init(_ image: StoredImage) {
        reference = image.reference
        digest = image.digest.description
        tree = image.tree
        size = image.size
        layers = image.layers.count
        architecture = image.configuration.architecture
        bootc = image.configuration.labels["containers.bootc"] == "1"
        createdAt = image.configuration.created
        pulledAt = image.pulledAt
    }
}
