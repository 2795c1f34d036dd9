import FoundationEssentials

/// What a supervisor tells the client that started it, one JSON line each.
public enum SupervisorReport: Sendable, Hashable, Codable {
    /// QEMU executes the machine.
    case running(sshPort: UInt16)
    /// The machine is gone, as somebody wished or not; `code` is that of the service of an image without an init.
    case ended(reason: String, failed: Bool, code: Int32?)

    func line() throws -> [UInt8] {
        try JSONText.line(self)
    }

    static func parse(_ line: [UInt8]) throws -> SupervisorReport {
        try JSONDecoder().decode(SupervisorReport.self, from: Data(line))
    }
}
