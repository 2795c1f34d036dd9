/// What goes wrong on a monitor (QEMU Machine Protocol specification).
public enum QMPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A line that is no message of the protocol.
    case malformed(line: String, reason: String)
    /// A line longer than any message QEMU sends.
    case oversized(bytes: Int)
    /// QEMU's own word that a command failed.
    case refused(command: String, class: String, description: String)
    /// Arguments that JSON has no form for: a number that is infinite or none.
    case unencodable(command: String)
    /// The monitor was closed.
    case closed

    public var description: String {
        switch self {
        case .malformed(let line, let reason): "QMP: \(reason) in \(line.prefix(120).debugDescription)"
        case .oversized(let bytes): "QMP: a line of more than \(bytes) bytes"
        case .refused(let command, _, let description): "QEMU refused \(command): \(description)"
        case .unencodable(let command): "QMP: the arguments of \(command) have no JSON form"
        case .closed: "QEMU closed its monitor"
        }
    }
}
