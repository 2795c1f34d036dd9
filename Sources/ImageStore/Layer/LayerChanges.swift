internal import LinuxSystem

/// What a layer changes beyond the files that it holds; kept beside them.
struct LayerChanges: Sendable {
    /// Names of lower layers that it takes away.
    var whiteouts: [LayerPath] = []
    /// Directories of which it hides everything from below.
    var opaque: [LayerPath] = []
    /// Hard links to files of lower layers.
    var lateLinks: [(path: LayerPath, target: LayerPath)] = []
    /// Directories that it only passes through: their attributes are the lower layer's.
    var implicit: Set<LayerPath> = []
    /// What this host could not keep, as lines for people.
    var omitted: [String] = []

    // The form: records of a letter, a value and a zero byte; hard links have two values. Names are bytes, so it is not JSON.
    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        func add(_ letter: Character, _ value: [UInt8]) {
            bytes += String(letter).utf8
            bytes += value
            bytes.append(0)
        }
        for path in whiteouts { add("W", path.bytes) }
        for path in opaque { add("O", path.bytes) }
        for link in lateLinks {
            add("L", link.path.bytes)
            add("T", link.target.bytes)
        }
        for path in implicit { add("I", path.bytes) }
        for line in omitted { add("X", Array(line.utf8)) }
        return bytes
    }

    init() {}

    init(decoding bytes: [UInt8]) throws(LayerError) {
        var link: LayerPath?
        for record in bytes.split(separator: 0) {
            let value = Array(record.dropFirst())
            let path = try LayerPath(value, of: "changes")
            switch record.first {
            case UInt8(ascii: "W"): whiteouts.append(path)
            case UInt8(ascii: "O"): opaque.append(path)
            case UInt8(ascii: "L"): link = path
            case UInt8(ascii: "T"): if let link { lateLinks.append((link, path)) }
            case UInt8(ascii: "I"): implicit.insert(path)
            default: omitted.append(String(decoding: value, as: UTF8.self))
            }
        }
    }
}
