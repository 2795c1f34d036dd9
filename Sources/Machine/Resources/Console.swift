/// The first serial port, written to a file.
public struct Console: Sendable, Hashable, Codable {
    /// The file that grows with what the guest says.
    public var log: String

    /// A console with its log.
    public init(log: String) {
        self.log = log
    }

    var arguments: [String] {
        ["-chardev", QEMUOption("file").with("id", "console").with("path", log).text, "-serial", "chardev:console"]
    }
}
