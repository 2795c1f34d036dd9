/// A disk of the guest, backed by a file of the host (virtio-blk).
public struct Drive: Sendable, Hashable, Codable {
    /// What the file holds.
    public enum Format: String, Sendable, Hashable, Codable, CaseIterable {
        /// The disk's bytes as they are.
        case raw
        /// QEMU's copy-on-write form.
        case qcow2
    }

    /// The serial number by which the guest finds it as /dev/disk/by-id/virtio-SERIAL; at most 20 bytes (virtio 1.2, 5.2.6).
    public var serial: String
    /// The host's file.
    public var file: String
    /// What the file holds.
    public var format: Format
    /// Whether the guest may not write it.
    public var isReadOnly: Bool
    /// Whether what the guest writes is dropped when QEMU ends.
    public var forgetsWrites: Bool
    /// A qcow2 file that takes what is to be dropped; nil where QEMU makes one.
    public var overlay: String?
    /// Whether flushes may be left out: for disks whose content nobody needs after a crash of the host.
    public var isScratch: Bool
    /// When the firmware tries it: the lowest number first; nil for not at all, where another has one.
    public var bootIndex: Int?

    /// A disk in a file.
    public init(
        serial: String, file: String, format: Format, isReadOnly: Bool = false, forgetsWrites: Bool = false,
        isScratch: Bool = false, bootIndex: Int? = nil
    ) {
        self.serial = serial
        self.file = file
        self.format = format
        self.isReadOnly = isReadOnly
        self.forgetsWrites = forgetsWrites
        self.isScratch = isScratch
        self.bootIndex = bootIndex
    }

    func arguments(index: Int) -> [String] {
        backendArguments(index: index) + QEMUOption.device(device(index: index))
    }

    func backendArguments(index: Int) -> [String] { ["-drive", backend(index: index)] }

    /// What is on the host's side of it, as `-drive` takes it.
    func backend(index: Int) -> String {
        // A driver that is named is one that QEMU does not guess from the content, which the guest could have written.
        var backend = QEMUOption("if", "none").with("id", Self.name(index))
        if let overlay, forgetsWrites {
            backend = backend.with("driver", "qcow2").with("file.driver", "file").with("file.filename", overlay)
                .with("backing.driver", format.rawValue).with("backing.file.driver", "file")
                .with("backing.file.filename", file).with("discard", "unmap").with("cache", "unsafe")
            return backend.text
        }
        backend = backend.with("file", file).with("format", format.rawValue).with("discard", "unmap")
        if isReadOnly { backend = backend.with("readonly", "on") }
        if forgetsWrites { backend = backend.with("snapshot", "on") }
        if isScratch { backend = backend.with("cache", "unsafe") }
        return backend.text
    }

    func device(index: Int) -> [DeviceProperty] {
        // A host without space left is the guest's I/O error; QEMU would stop the machine without a word.
        var properties = [
            DeviceProperty("driver", "virtio-blk-pci"), DeviceProperty("drive", Self.name(index)),
            DeviceProperty("serial", serial), DeviceProperty("werror", "report"),
        ]
        if let bootIndex { properties.append(DeviceProperty("bootindex", bootIndex)) }
        return properties
    }

    private static func name(_ index: Int) -> String { "drive\(index)" }
}
