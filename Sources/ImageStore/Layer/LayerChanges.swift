internal import LinuxSystem

/// What a layer changes beyond the files that it holds; kept beside them.
struct LayerChanges: Sendable {
    /// Names of lower layers that it takes away.
    var whiteouts: [LayerPath] = []
    /// Directories of which it hides everything from below.
    var opaque: [LayerPath] = []
    /// Hard links to files of lower layers, in their order: one may be the target of another, and one may take another's
    /// place.
    private(set) var lateLinks: [LateLink] = []
    private var latePaths: Set<LayerPath> = []
    /// Directories that it only passes through: their attributes are the lower layer's. The root is one until it is seen.
    var implicit: Set<LayerPath> = [LayerPath.root]
    /// What this host could not keep, as lines for people: one for each sort, however many entries met it.
    private(set) var omitted: [String] = []
    private var omissions: [String: (count: Int, first: String)] = [:]

    /// A hard link whose target is not in its layer.
    struct LateLink: Sendable, Hashable {
        var path: LayerPath
        /// nil takes an earlier one of the same path back.
        var target: LayerPath?
    }

    init() {}

    /// Notes something that this host could not keep of an entry.
    mutating func omit(_ sort: String, _ entry: String) {
        let known = omissions[sort] ?? (0, entry)
        omissions[sort] = (known.count + 1, known.first)
    }

    /// Notes a hard link to a lower layer's file.
    mutating func linkLate(_ path: LayerPath, to target: LayerPath) {
        lateLinks.append(LateLink(path: path, target: target))
        latePaths.insert(path)
    }

    /// Takes such a link back, since something else takes its place. False when there is none.
    mutating func dropLateLink(_ path: LayerPath) -> Bool {
        guard latePaths.remove(path) != nil else { return false }
        lateLinks.append(LateLink(path: path, target: nil))
        return true
    }

    /// Takes back what was said of a path and everything below it, since something else takes its place.
    mutating func forget(_ path: LayerPath) {
        implicit = implicit.filter { !$0.isInside(path) }
        for late in latePaths where late.isInside(path) { _ = dropLateLink(late) }
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
            add(link.target == nil ? "D" : "L", link.path.bytes)
            if let target = link.target { add("T", target.bytes) }
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
            case UInt8(ascii: "D"): _ = dropLateLink(path)
            case UInt8(ascii: "T"): if let link { linkLate(link, to: path) }
            default: implicit.insert(path)
            }
        }
    }
}
