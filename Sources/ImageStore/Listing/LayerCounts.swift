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
    /// nil where nobody knows them.
    func counts(ofLayer diffID: Digest) -> LayerCounts? {
        guard let text = try? Files.readIfPresent(layerCounts(layer(diffID)), limit: 128) else { return nil }
        return LayerCounts(decoding: text)
    }

    /// Bytes that a layer takes on the disk; 0 where nobody knows.
    func diskBytes(ofLayer diffID: Digest) -> Int64 { counts(ofLayer: diffID)?.diskBytes ?? 0 }
}
