/// Makes an entry of a header block and the long names before it.
struct TarEntryBuilder {
    let header: TarHeader
    let longName: [UInt8]?
    let longLink: [UInt8]?
    let last: String

    func entry() throws(TarError) -> TarEntry {
        var entry = TarEntry()
        entry.path = longName ?? header.path
        entry.linkTarget = longLink ?? header.linkName
        entry.mode = UInt32(truncatingIfNeeded: try number(100..<108, "mode", entry)) & 0o7777
        entry.owner = UInt32(truncatingIfNeeded: try number(108..<116, "owner", entry))
        entry.group = UInt32(truncatingIfNeeded: try number(116..<124, "group", entry))
        entry.modifiedSeconds = try number(136..<148, "mtime", entry)
        entry.kind = try kind(entry)
        let size = try number(124..<136, "size", entry)
        guard size >= 0 else { throw .badNumber(field: "size", entry: entry.name) }
        entry.size = size
        if entry.kind == .characterDevice || entry.kind == .blockDevice {
            entry.deviceMajor = UInt32(truncatingIfNeeded: try number(329..<337, "major", entry))
            entry.deviceMinor = UInt32(truncatingIfNeeded: try number(337..<345, "minor", entry))
        }
        // Only files have content; a size of another entry is a remark of its maker's. A file that its name makes a
        // directory has content to be passed over.
        entry.storedSize = isFileType ? size : 0
        if entry.kind != .file { entry.size = 0 }
        return entry
    }

    private func kind(_ entry: TarEntry) throws(TarError) -> TarEntryKind {
        switch header.type {
        case UInt8(ascii: "0"), 0, UInt8(ascii: "7"), UInt8(ascii: "S"):
            // Before POSIX a directory was a file with a slash at its name's end.
            entry.path.last == UInt8(ascii: "/") && header.type != UInt8(ascii: "S") ? .directory : .file
        case UInt8(ascii: "1"): .hardLink
        case UInt8(ascii: "2"): .symbolicLink
        case UInt8(ascii: "3"): .characterDevice
        case UInt8(ascii: "4"): .blockDevice
        case UInt8(ascii: "5"): .directory
        case UInt8(ascii: "6"): .fifo
        default: throw .unsupportedEntry(type: header.type, entry: entry.name)
        }
    }

    private var isFileType: Bool {
        [UInt8(ascii: "0"), 0, UInt8(ascii: "7"), UInt8(ascii: "S")].contains(header.type)
    }

    private func number(_ range: Range<Int>, _ field: String, _ entry: TarEntry) throws(TarError) -> Int64 {
        guard let value = TarHeader.number(header.bytes[range]) else {
            throw .badNumber(field: field, entry: entry.name)
        }
        return value
    }
}
