/// The first serial port, written to a file and, where a person is to sit at it, on a socket too.
public struct Console: Sendable, Hashable, Codable {
    /// The file that grows with what the guest says.
    public var log: String
    /// A listening socket that QEMU inherits under this number; nil for the file only.
    public var listener: Int32?

    /// A console with its log.
    public init(log: String, listener: Int32? = nil) {
        self.log = log
        self.listener = listener
    }

    var arguments: [String] {
        let channel =
            if let listener {
                // Whether somebody is connected or not, the log has everything.
                QEMUOption("socket").with("id", "console").with("fd", listener).with("server", "on")
                    .with("wait", "off").with("logfile", log).with("logappend", "on")
            } else {
                // What an earlier machine left was removed; who shortens the file meanwhile is not to leave a hole.
                QEMUOption("file").with("id", "console").with("path", log).with("append", "on")
            }
        return ["-chardev", channel.text, "-serial", "chardev:console"]
    }
}
