import ArgumentParser
import ImageStore
import Machine

struct ImagesDF: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "df", abstract: "Show what the cache takes on the disk.",
        discussion: """
            SHARED is what an image has in common with others, OWN what its removal gives back. A file is on the disk once, \
            however many images have it.
            """)

    @Flag(help: "Print a JSON object.")
    var json = false

    func run() throws {
        let usage = try StoreAccess().store.usage()
        if json { return try StandardOutput.form(UsageOutput(usage)) }
        var images = Table(["IMAGE", "LAYERS", "SIZE", "SHARED", "OWN", "IN USE"])
        for image in usage.images {
            images.add([
                image.references.joined(separator: ", "), "\(image.layers)", Self.text(image.size),
                Self.text(image.shared), Self.text(image.own), image.inUse ? "yes" : "no",
            ])
        }
        try StandardOutput.line(images.text + "\n")
        var parts = Table(["KIND", "COUNT", "SIZE", "RECLAIMABLE"])
        for part in usage.parts {
            parts.add([part.kind.rawValue, "\(part.count)", Self.text(part.size), Self.text(part.reclaimable)])
        }
        parts.add(["total", "", Self.text(usage.size), Self.text(usage.reclaimable)])
        try StandardOutput.line(parts.text)
    }

    private static func text(_ bytes: Int64) -> String { ByteSize(bytes: UInt64(max(0, bytes))).description }
}

/// The figures with their sums.
private struct UsageOutput: Encodable {
    let images: [StoreUsage.Image]
    let parts: [StoreUsage.Part]
    let size: Int64
    let reclaimable: Int64

    init(_ usage: StoreUsage) {
        images = usage.images
        parts = usage.parts
        size = usage.size
        reclaimable = usage.reclaimable
    }
}
