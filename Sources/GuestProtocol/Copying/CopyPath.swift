/// A path as a copy takes it apart.
struct CopyPath {
    /// The directory that holds the name.
    let parent: String
    /// The last name; "." for the root directory.
    let name: [UInt8]
    /// Whether the path ends in `/.`, and means what the directory holds.
    let isContents: Bool
    /// Whether the path ends in `/`, and so must be a directory.
    let wantsDirectory: Bool

    init(_ path: String) {
        let slash = UInt8(ascii: "/")
        let dot = UInt8(ascii: ".")
        var bytes = Array(path.utf8)
        wantsDirectory = bytes.last == slash
        isContents = bytes.count >= 2 && bytes[bytes.count - 1] == dot && bytes[bytes.count - 2] == slash
        if isContents { bytes.removeLast() }
        while bytes.count > 1, bytes.last == slash { bytes.removeLast() }
        guard let index = bytes.lastIndex(of: slash) else {
            parent = "."
            name = bytes
            return
        }
        parent = index == 0 ? "/" : String(decoding: bytes[..<index], as: UTF8.self)
        name = index + 1 == bytes.count ? [dot] : Array(bytes[(index + 1)...])
    }
}
