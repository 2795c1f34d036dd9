internal import LinuxSystem

/// An entry's path inside a layer: components that lead nowhere but down.
struct LayerPath: Hashable, Sendable, CustomStringConvertible {
    /// The components; none for the root itself.
    let components: [RawName]

    /// PATH_MAX without the zero byte: nothing longer can be opened.
    private static let limit = 4095

    /// Takes apart a path as it stands in an archive. `./`, double slashes and a leading slash mean nothing; `..` could
    /// lead out and is refused.
    init(_ path: [UInt8], of entry: String) throws(LayerError) {
        guard path.count <= Self.limit else { throw .nameTooLong(entry: entry) }
        var components: [RawName] = []
        for part in path.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual(".".utf8) { continue }
            guard !part.elementsEqual("..".utf8), !part.contains(0) else { throw .pathLeadsOut(entry: entry) }
            guard part.count <= 255 else { throw .nameTooLong(entry: entry) }
            components.append(RawName(part))
        }
        self.components = components
    }

    /// A path that the kernel gave.
    init(below bytes: ArraySlice<UInt8>) {
        components = bytes.split(separator: UInt8(ascii: "/")).map { RawName($0) }
    }

    private init(components: [RawName]) {
        self.components = components
    }

    /// The layer's root.
    static let root = LayerPath(components: [])

    /// The directory that holds it; the root's is the root.
    var parent: LayerPath { LayerPath(components: Array(components.dropLast())) }
    /// The last component; nil for the root.
    var name: RawName? { components.last }
    /// Whether it is the layer's root.
    var isRoot: Bool { components.isEmpty }
    /// Whether it is short enough to be opened.
    var isUsable: Bool { components.reduce(components.count) { $0 + $1.bytes.count } <= Self.limit }

    /// A path below this one.
    func appending(_ name: RawName) -> LayerPath {
        LayerPath(components: components + [name])
    }

    /// Where a link in this directory leads; `..` ends at the root.
    func following(_ target: [UInt8]) -> LayerPath {
        var result = target.first == UInt8(ascii: "/") ? [] : components
        for part in target.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual("..".utf8) {
                _ = result.popLast()
            } else if !part.elementsEqual(".".utf8) {
                result.append(RawName(part))
            }
        }
        return LayerPath(components: result)
    }

    /// Whether it is the other path or stands below it.
    func isInside(_ other: LayerPath) -> Bool {
        components.starts(with: other.components)
    }

    /// The bytes, components divided by slashes; the root is ".".
    var bytes: [UInt8] {
        isRoot ? [UInt8(ascii: ".")] : Array(components.map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
    }

    var description: String { String(decoding: bytes, as: UTF8.self) }
}
