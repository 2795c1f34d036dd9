package import GuestProtocol
package import LinuxSystem

/// The dynamic linker's cache (ld.so(8)) with each library's real file. An image's own leads through links, /lib of a merged /usr
/// among them, and each program that starts asks the host for each of them again.
///
/// The form is that of glibc 2.2 and later (sysdeps/generic/dl-cache.h): a header, entries of 24 bytes, strings. Positions of strings
/// count from the file's start, so that new ones can follow the old.
package enum LibraryCache {
    private static let path = "/etc/ld.so.cache"
    private static let magic = Array("glibc-ld.so.cache1.1".utf8)
    private static let headerLength = 48
    private static let entryLength = 24
    private static let sizeLimit = 8 << 20

    package static func file(in tree: RootDirectory) throws -> GuestFile? {
        guard let bytes = try tree.readFileIfPresent(path, limit: 4 << 20) else { return nil }
        var directories: [String: String?] = [:]
        let cache = try resolved(bytes) { path in
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
            let parent = String(path[..<slash])
            let real = try directories[parent] ?? (try tree.realPath(parent))
            directories[parent] = real
            return try real.map { try file(String(path[path.index(after: slash)...]), in: $0, of: tree) }
        }
        guard let cache, cache.count <= sizeLimit else { return nil }
        return GuestFile(path: path, content: .bytes(cache), isPublic: true)
    }

    /// What a version's link leads to in the same directory. A link that leads elsewhere is an alternative, which somebody may change.
    private static func file(_ name: String, in directory: String, of tree: RootDirectory) throws -> String {
        var name = name
        for _ in 0..<8 {
            guard let target = try tree.linkTarget("\(directory)/\(name)"), !target.contains("/") else { break }
            name = target
        }
        return "\(directory)/\(name)"
    }

    /// - Parameter realPath: where a path leads to; nil where there is nothing.
    /// - Returns: nil where it is of another form, or has nothing to resolve.
    package static func resolved(_ bytes: [UInt8], by realPath: (String) throws -> String?) rethrows -> [UInt8]? {
        guard bytes.starts(with: magic), bytes.count >= headerLength else { return nil }
        let count = number(in: bytes, at: 20)
        guard headerLength + count * entryLength <= bytes.count else { return nil }
        var cache = bytes
        var places: [String: Int] = [:]
        for index in 0..<count {
            let field = headerLength + index * entryLength + 8
            let start = number(in: bytes, at: field)
            guard start < bytes.count, let end = bytes[start...].firstIndex(of: 0) else { return nil }
            let path = String(decoding: bytes[start..<end], as: UTF8.self)
            guard let real = try realPath(path), real != path else { continue }
            let place = places[real] ?? cache.count
            if places.updateValue(place, forKey: real) == nil { cache += Array(real.utf8) + [0] }
            for byte in 0..<4 { cache[field + byte] = UInt8(truncatingIfNeeded: place >> (8 * byte)) }
        }
        return places.isEmpty ? nil : cache
    }

    private static func number(in bytes: [UInt8], at offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
}
