internal import LinuxSystem

/// Everything that an extracted layer holds, in the order of the paths' bytes: what it is compared with later.
package struct LayerListing: Sendable {
    package var entries: [ListedEntry] = []
    /// Bytes that the layer takes on the disk.
    package var diskBytes: Int64 = 0
    /// Of the record of what the layer does to those below it.
    package var changes: UInt64 = 0

    package init() {}

    /// Bytes of the layer's files, each counted once.
    package var fileBytes: Int64 {
        var groups: Set<UInt32> = []
        return entries.lazy.filter { $0.linkGroup == 0 || groups.insert($0.linkGroup).inserted }.map(\.size)
            .boundedSum()
    }

    /// How this one differs from what it should be.
    package func differences(from expected: LayerListing) -> [ListedDifference] {
        var found: [ListedDifference] = []
        var index = 0
        for entry in entries {
            while index < expected.entries.count, expected.entries[index].path.precedes(entry.path) {
                found.append(.init(path: expected.entries[index].path.description, what: "is missing"))
                index += 1
            }
            guard index < expected.entries.count, expected.entries[index].path == entry.path else {
                found.append(.init(path: entry.path.description, what: "should not be there"))
                continue
            }
            let words = entry.differences(from: expected.entries[index])
            if !words.isEmpty {
                found.append(.init(path: entry.path.description, what: words.joined(separator: ", ")))
            }
            index += 1
        }
        return found
            + expected.entries[index...].map { .init(path: $0.path.description, what: "is missing") }
    }
}

/// A name that is not as it should be.
package struct ListedDifference: Hashable, Sendable, Codable {
    package var path: String
    /// What is wrong with it, as the end of a sentence that begins with the path.
    package var what: String
}

extension RawName {
    /// Byte by byte.
    func precedes(_ other: RawName) -> Bool { bytes.lexicographicallyPrecedes(other.bytes) }
}

// The form: a line that says what it is, then for each entry eleven little-endian numbers and the path.
extension LayerListing {
    private static let head = Array("bcvk layer listing 1\n".utf8)

    package func encoded() -> [UInt8] {
        var bytes = Self.head
        bytes.reserveCapacity(entries.reduce(32) { $0 + 76 + $1.path.bytes.count })
        func add(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        add(diskBytes)
        add(changes)
        for entry in entries {
            add(entry.mode)
            add(entry.owner)
            add(entry.group)
            add(entry.size)
            add(entry.modifiedSeconds)
            add(entry.modifiedNanoseconds)
            add(entry.device)
            add(entry.content)
            add(entry.attributes)
            add(entry.linkGroup)
            add(UInt32(truncatingIfNeeded: entry.path.bytes.count))
            bytes += entry.path.bytes
        }
        return bytes
    }

    /// nil for what is no listing of this form.
    package init?(decoding bytes: [UInt8]) {
        guard bytes.starts(with: Self.head) else { return nil }
        var rest = bytes[Self.head.count...]
        func take<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
            let size = MemoryLayout<Value>.size
            guard rest.count >= size else { return nil }
            var value: Value = 0
            for (index, byte) in rest.prefix(size).enumerated() {
                value |= Value(truncatingIfNeeded: UInt64(byte) << (8 * index))
            }
            rest = rest.dropFirst(size)
            return value
        }
        guard let total = take(Int64.self), let changes = take(UInt64.self) else { return nil }
        diskBytes = total
        self.changes = changes
        while !rest.isEmpty {
            guard let mode = take(UInt32.self), let owner = take(UInt32.self), let group = take(UInt32.self),
                let size = take(Int64.self), let seconds = take(Int64.self), let nanoseconds = take(Int64.self),
                let device = take(UInt64.self), let content = take(UInt64.self),
                let attributes = take(UInt64.self), let linkGroup = take(UInt32.self),
                let length = take(UInt32.self), rest.count >= Int(length)
            else { return nil }
            entries.append(
                ListedEntry(
                    path: RawName(rest.prefix(Int(length))), mode: mode, owner: owner, group: group, size: size,
                    modifiedSeconds: seconds, modifiedNanoseconds: nanoseconds, device: device, content: content,
                    attributes: attributes, linkGroup: linkGroup))
            rest = rest.dropFirst(Int(length))
        }
    }
}
