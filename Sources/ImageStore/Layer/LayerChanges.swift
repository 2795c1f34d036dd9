internal import LinuxSystem

/// What a layer changes beyond the files that it holds; kept beside them.
struct LayerChanges: Sendable {
    /// Names of lower layers that it takes away.
    var whiteouts: [LayerPath] = []
    /// Directories of which it hides everything from below.
    var opaque: [LayerPath] = []
    /// Hard links to files of lower layers, in their order: one may be the target of another.
    var lateLinks: [LateLink] = []
    /// Directories that it only passes through: their attributes are the lower layer's. The root is one until it is seen.
    var implicit: Set<LayerPath> = [LayerPath.root]
    /// What this host could not keep, as lines for people: one for each sort, however many entries met it.
    private(set) var omitted: [String] = []
    private var omissions: [String: (count: Int, first: String)] = [:]

    /// A hard link whose target is not in its layer.
    struct LateLink: Sendable, Hashable {
        var path: LayerPath
        var target: LayerPath
    }

    init() {}

    /// Notes something that this host could not keep of an entry.
    mutating func omit(_ sort: String, _ entry: String) {
        let known = omissions[sort] ?? (0, entry)
        omissions[sort] = (known.count + 1, known.first)
    }

    /// Takes back what was said of a path and everything below it, since something else takes its place.
    mutating func forget(_ path: LayerPath) {
        implicit = implicit.filter { !$0.isInside(path) }
        lateLinks.removeAll { $0.path.isInside(path) }
    }
}

extension LayerChanges {
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
        for (sort, found) in omissions.sorted(by: { $0.key < $1.key }) {
            add("X", Array("\(sort) \(found.first)\(found.count > 1 ? " and \(found.count - 1) more" : "")".utf8))
        }
        return bytes
    }

    init(decoding bytes: [UInt8]) throws(LayerError) {
        implicit = []
        var link: LayerPath?
        for record in bytes.split(separator: 0) {
            let value = Array(record.dropFirst())
            if record.first == UInt8(ascii: "X") {
                omitted.append(String(decoding: value, as: UTF8.self))
                continue
            }
            let path = try LayerPath(value, of: "changes")
            switch record.first {
            case UInt8(ascii: "W"): whiteouts.append(path)
            case UInt8(ascii: "O"): opaque.append(path)
            case UInt8(ascii: "L"): link = path
            case UInt8(ascii: "T"): if let link { lateLinks.append(LateLink(path: link, target: path)) }
            default: implicit.insert(path)
            }
        }
    }
}
