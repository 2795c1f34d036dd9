/// A file that QEMU inherits open, so that it needs neither the path nor a right to it.
public struct InheritedFile: Sendable, Hashable, Codable {
    /// The descriptor's number in QEMU; its set, to which names refer, has the same.
    public var descriptor: Int32
    /// The number of another one for reading: QEMU reads a disk before it is going to write it, and takes the descriptor that fits.
    public var reader: Int32?

    /// A file behind a descriptor.
    public init(descriptor: Int32, reader: Int32? = nil) {
        self.descriptor = descriptor
        self.reader = reader
    }

    /// The name by which QEMU finds it, where it opens files by its own means.
    public var name: String { "/dev/fdset/\(descriptor)" }

    var arguments: [String] {
        [descriptor, reader].compactMap { $0 }.flatMap { number in
            ["-add-fd", QEMUOption("fd", "\(number)").with("set", descriptor).text]
        }
    }
}
