package import LinuxSystem

/// What a name in an extracted layer is known by.
package struct ListedEntry: Hashable, Sendable {
    /// Below the layer's root; "." for the root itself.
    package var path: RawName
    /// `st_mode`, with the type.
    package var mode: UInt32
    package var owner: UInt32
    package var group: UInt32
    /// Bytes of a file, 0 for everything else.
    package var size: Int64
    package var modifiedSeconds: Int64
    package var modifiedNanoseconds: Int64
    /// `st_rdev` of a device.
    package var device: UInt64
    /// Of a file's bytes, or of where a link leads.
    package var content: UInt64
    /// Of all extended attributes, by name.
    package var attributes: UInt64
    /// Names of the same file have the same number; 0 is a file with one name.
    package var linkGroup: UInt32

    package init(
        path: RawName, mode: UInt32, owner: UInt32, group: UInt32, size: Int64, modifiedSeconds: Int64,
        modifiedNanoseconds: Int64, device: UInt64, content: UInt64, attributes: UInt64, linkGroup: UInt32
    ) {
        self.path = path
        self.mode = mode
        self.owner = owner
        self.group = group
        self.size = size
        self.modifiedSeconds = modifiedSeconds
        self.modifiedNanoseconds = modifiedNanoseconds
        self.device = device
        self.content = content
        self.attributes = attributes
        self.linkGroup = linkGroup
    }

    /// How another differs, in words; none when it is the same.
    func differences(from expected: ListedEntry) -> [String] {
        var found: [String] = []
        if FileKind(mode: mode) != FileKind(mode: expected.mode) { return ["is of another type"] }
        if mode != expected.mode {
            found.append("has the mode \(Self.octal(mode)) in place of \(Self.octal(expected.mode))")
        }
        if owner != expected.owner || group != expected.group {
            found.append("belongs to \(owner):\(group) in place of \(expected.owner):\(expected.group)")
        }
        if size != expected.size {
            found.append("has \(size) bytes in place of \(expected.size)")
        } else if content != expected.content {
            found.append("has another content")
        }
        if (modifiedSeconds, modifiedNanoseconds) != (expected.modifiedSeconds, expected.modifiedNanoseconds) {
            found.append("has another time")
        }
        if device != expected.device { found.append("is another device") }
        if attributes != expected.attributes { found.append("has other attributes") }
        if linkGroup != expected.linkGroup { found.append("has other hard links") }
        return found
    }

    private static func octal(_ mode: UInt32) -> String { "0" + String(mode & 0o7777, radix: 8) }
}
