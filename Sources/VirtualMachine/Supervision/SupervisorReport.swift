import FoundationEssentials

/// What a supervisor tells the client that started it, one JSON line each.
public enum SupervisorReport: Sendable, Hashable, Codable {
    /// Something that the user should know and that ends nothing.
    case note(String)
    /// QEMU executes the machine.
    case running(sshPort: UInt16)
    /// The machine's state is in the file that was asked for, written by this version of QEMU; the machine is about to end.
    case saved(qemuVersion: String)
    /// The machine is gone, as somebody wished or not; `code` is that of the service of an image without an init.
    case ended(reason: String, failed: Bool, code: Int32?)

    func line() throws -> [UInt8] {
        try JSONText.line(self)
    }

    static func parse(_ line: [UInt8]) throws -> SupervisorReport {
        try JSONDecoder().decode(SupervisorReport.self, from: Data(line))
    }
}
