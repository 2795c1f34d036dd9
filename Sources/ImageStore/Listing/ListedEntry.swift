internal import LinuxSystem

/// What a name in an extracted layer is known by.
struct ListedEntry: Hashable, Sendable {
    /// Below the layer's root; "." for the root itself.
    var path: RawName
    /// `st_mode`, with the type.
    var mode: UInt32
    var owner: UInt32
    var group: UInt32
    /// Bytes of a file, 0 for everything else.
    var size: Int64
    var modifiedSeconds: Int64
    var modifiedNanoseconds: Int64
    /// `st_rdev` of a device.
    var device: UInt64
    /// Of a file's bytes, or of where a link leads.
    var content: UInt64
    /// Of all extended attributes, by name.
    var attributes: UInt64
    /// Names of the same file have the same number; 0 is a file with one name.
    var linkGroup: UInt32

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
