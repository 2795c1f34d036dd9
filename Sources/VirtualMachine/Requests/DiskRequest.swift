public import Machine

/// A disk in a file of the host, as `--mount-disk-file` takes it: `FILE[:NAME[:FORMAT]]`.
public struct DiskRequest: Sendable, Hashable {
    /// The host's file as it was given.
    public var file: String
    /// The disk's serial number: the guest finds it as /dev/disk/by-id/virtio-NAME.
    public var name: String
    /// What the file holds.
    public var format: Drive.Format

    private static let form = "FILE[:NAME[:raw|qcow2]]"

    /// Reads an option's value. Without a format, a file named *.qcow2 is one, and any other holds the disk's bytes.
    public init(_ text: String) throws(RequestError) {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard fields.count <= 3, !fields.contains("") else { throw .malformed(text, form: Self.form) }
        file = fields[0]
        name = fields.count > 1 ? fields[1] : "output"
        // virtio 1.2, 5.2.6: a serial number has 20 bytes.
        guard NameRules.isPlain(name, atMost: 20) else {
            throw .forbidden("name", value: name, rule: "a disk's name takes 1 to 20 letters, digits and . _ -")
        }
        if fields.count > 2 {
            guard let format = Drive.Format(rawValue: fields[2]) else { throw .malformed(text, form: Self.form) }
            self.format = format
        } else {
            format = file.hasSuffix(".qcow2") ? .qcow2 : .raw
        }
    }
}
