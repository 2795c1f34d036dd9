/// What PAX records change of an entry.
enum PAXApplication {
    static func apply(_ extended: PAXHeader?, global: PAXHeader?, to entry: inout TarEntry) throws(TarError) {
        guard extended != nil || global != nil else { return }
        var sparse = PAXSparse()
        let records = extended?.over(global) ?? global?.records ?? []
        for (key, value) in records {
            switch String(decoding: key, as: UTF8.self) {
            // An empty value takes a global record back.
            case "path": if !value.isEmpty { entry.path = try path(value, entry) }
            case "linkpath": if !value.isEmpty { entry.linkTarget = try path(value, entry) }
            case "size":
                let size = try integer(value, "size", entry)
                if entry.kind == .file || entry.storedSize > 0 { entry.storedSize = size }
                if entry.kind == .file { entry.size = size }
            case "uid": entry.owner = UInt32(truncatingIfNeeded: try integer(value, "uid", entry))
            case "gid": entry.group = UInt32(truncatingIfNeeded: try integer(value, "gid", entry))
            case "mtime":
                guard let time = PAXValue.time(value) else { throw .badNumber(field: "mtime", entry: entry.name) }
                entry.modifiedSeconds = time.seconds
                entry.modifiedNanoseconds = time.nanoseconds
            case "SCHILY.devmajor": entry.deviceMajor = UInt32(truncatingIfNeeded: try integer(value, "major", entry))
            case "SCHILY.devminor": entry.deviceMinor = UInt32(truncatingIfNeeded: try integer(value, "minor", entry))
            case let name where name.hasPrefix("SCHILY.xattr."):
                set(Array(key.dropFirst("SCHILY.xattr.".utf8.count)), Array(value), in: &entry)
            case let name where name.hasPrefix("LIBARCHIVE.xattr."):
                guard let bytes = PAXValue.base64(value) else { throw .badExtendedHeader(entry: entry.name) }
                set(percentDecoded(key.dropFirst("LIBARCHIVE.xattr.".utf8.count)), bytes, in: &entry)
            case let name where name.hasPrefix("GNU.sparse."):
                try sparse.take(String(name.dropFirst("GNU.sparse.".count)), value, entry)
            default: continue
            }
        }
        try sparse.apply(to: &entry)
    }

    /// The same attribute may stand there in both forms.
    private static func set(_ name: [UInt8], _ value: [UInt8], in entry: inout TarEntry) {
        if let index = entry.attributes.firstIndex(where: { $0.name == name }) {
            entry.attributes[index].value = value
        } else {
            entry.attributes.append(TarAttribute(name: name, value: value))
        }
    }

    /// The kernel would take a zero byte for a path's end, and other programs would see another path.
    private static func path(_ value: ArraySlice<UInt8>, _ entry: TarEntry) throws(TarError) -> [UInt8] {
        guard !value.contains(0) else { throw .badExtendedHeader(entry: entry.name) }
        return Array(value)
    }

    private static func integer(_ value: ArraySlice<UInt8>, _ field: String, _ entry: TarEntry) throws(TarError)
        -> Int64
    {
        guard let number = PAXValue.integer(value) else { throw .badNumber(field: field, entry: entry.name) }
        return number
    }

    /// libarchive writes what is not plain in an attribute's name as `%XX`.
    private static func percentDecoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                result.append(value)
                rest.removeFirst(2)
            } else {
                result.append(byte)
            }
        }
        return result
    }
}

/// The records of a sparse file, gathered until all are there.
private struct PAXSparse {
    private var isSparse = false
    private var major: Int64 = 0
    private var name: [UInt8]?
    private var realSize: Int64?
    private var offsets: [Int64] = []
    private var lengths: [Int64] = []

    mutating func take(_ key: String, _ value: ArraySlice<UInt8>, _ entry: TarEntry) throws(TarError) {
        isSparse = true
        switch key {
        case "major": major = try number(value, entry)
        case "name": name = Array(value)
        case "size", "realsize": realSize = try number(value, entry)
        case "offset": offsets.append(try number(value, entry))
        case "numbytes": lengths.append(try number(value, entry))
        case "map":
            let numbers = value.split(separator: UInt8(ascii: ","))
            guard numbers.count % 2 == 0 else { throw .badSparseMap(entry: entry.name) }
            for (index, text) in numbers.enumerated() {
                let value = try number(text, entry)
                if index % 2 == 0 { offsets.append(value) } else { lengths.append(value) }
            }
        default: break
        }
    }

    func apply(to entry: inout TarEntry) throws(TarError) {
        guard isSparse, entry.kind == .file else { return }
        guard offsets.count == lengths.count, let realSize else { throw .badSparseMap(entry: entry.name) }
        if let name { entry.path = name }
        entry.size = realSize
        // Version 1.0 has its map in the content: empty here asks the reader for it.
        entry.extents = major >= 1 ? [] : zip(offsets, lengths).map { TarExtent(offset: $0, length: $1) }
        if major < 1, offsets.isEmpty, realSize > 0, entry.storedSize == 0 {
            entry.extents = [TarExtent(offset: realSize, length: 0)]
        }
    }

    private func number(_ value: ArraySlice<UInt8>, _ entry: TarEntry) throws(TarError) -> Int64 {
        guard let number = PAXValue.integer(value) else { throw .badSparseMap(entry: entry.name) }
        return number
    }
}
