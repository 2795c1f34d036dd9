internal import ContainerImage
internal import LinuxSystem

/// What a layer comes to, counted when it was extracted: to be known without its listing.
struct LayerCounts {
    /// Bytes that it takes on the disk.
    var diskBytes: Int64
    /// How many names it has, its root among them.
    var names: Int
    /// Bytes of its files, each counted once.
    var fileBytes: Int64

    init(_ listing: LayerListing) {
        diskBytes = listing.diskBytes
        names = listing.entries.count
        fileBytes = listing.fileBytes
    }

    /// nil for what are no counts.
    init?(decoding bytes: [UInt8]) {
        let numbers = bytes.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
            .map { Int64(String(decoding: $0, as: UTF8.self)) }
        guard numbers.count == 3, let diskBytes = numbers[0], let names = numbers[1], let fileBytes = numbers[2] else {
            return nil
        }
        self.diskBytes = diskBytes
        self.names = Int(names)
        self.fileBytes = fileBytes
    }

    func encoded() -> [UInt8] { Array("\(diskBytes) \(names) \(fileBytes)\n".utf8) }
}

extension StoreLayout {
    /// nil where there is nothing that says so.
    func counts(ofLayer diffID: Digest) throws(SystemError) -> LayerCounts? {
        let layer = layer(diffID)
        if let text = try Files.readIfPresent(layerCounts(layer), limit: 128) { return LayerCounts(decoding: text) }
        // A layer of an earlier version.
        let listing = try Files.readIfPresent(layerListing(layer), limit: 1 << 30)
        return listing.flatMap(LayerListing.init(decoding:)).map(LayerCounts.init)
    }

    /// Bytes that a layer takes on the disk; 0 where nobody knows.
    func diskBytes(ofLayer diffID: Digest) -> Int64 { (try? counts(ofLayer: diffID))?.diskBytes ?? 0 }
}
