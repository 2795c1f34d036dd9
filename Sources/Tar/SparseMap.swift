/// Maps of sparse files.
enum SparseMap {
    /// More stretches than this are no honest file's: the map alone would take megabytes.
    static let limit = 1 << 20

    /// Adds the pairs of a GNU header or of its continuation; an empty one ends the list. False when one is no number.
    static func append(_ bytes: ArraySlice<UInt8>, to extents: inout [TarExtent]) throws(TarError) -> Bool {
        var start = bytes.startIndex
        while start + 24 <= bytes.endIndex {
            if bytes[start] == 0 { return true }
            guard let offset = TarHeader.number(bytes[start..<(start + 12)]),
                let length = TarHeader.number(bytes[(start + 12)..<(start + 24)])
            else { return false }
            extents.append(TarExtent(offset: offset, length: length))
            start += 24
        }
        return true
    }

    /// Whether the stretches stand in order inside the file, and are together what the archive has stored.
    static func isValid(_ extents: [TarExtent], size: Int64, stored: Int64) -> Bool {
        var end: Int64 = 0
        var sum: Int64 = 0
        for extent in extents {
            guard extent.offset >= end, extent.length >= 0, extent.length <= size, extent.offset <= size - extent.length
            else { return false }
            end = extent.offset + extent.length
            sum += extent.length
        }
        return sum == stored
    }
}
