public import LinuxSystem

/// Why something that a user asks of a machine cannot be had.
public enum RequestError: Error, Hashable, Sendable, CustomStringConvertible, HintedError {
    /// A value that has not its option's form.
    case malformed(String, form: String)
    /// A part of a value that breaks the part's rule.
    case forbidden(String, value: String, rule: String)
    /// Two things in one place.
    case doubled(String, String)
    /// Options that exclude each other.
    case contradiction(String, String)
    /// A file or directory of the host that is not what it has to be.
    case unusableFile(String, reason: String)
    /// A port of the host that cannot be listened on.
    case unusablePort(String, reason: String)
    /// Something that the image would need.
    case imageLacks(image: String, what: String, hint: String?)

    public var description: String {
        switch self {
        case .malformed(let value, let form): "'\(value)' is not of the form \(form)"
        case .forbidden(let part, let value, let rule): "\(part) '\(value)': \(rule)"
        case .doubled(let part, let value): "\(part) \(value) is asked for twice"
        case .contradiction(let one, let other): "\(one) and \(other) exclude each other"
        case .unusableFile(let path, let reason): "\(path): \(reason)"
        case .unusablePort(let port, let reason): "port \(port) of this host cannot be published: \(reason)"
        case .imageLacks(let image, let what, _): "\(image) has no \(what)"
        }
    }

    public var hint: String? {
        switch self {
        case .unusablePort: "port 0 takes a free one, which inspect and ps show"
        case .imageLacks(_, _, let hint): hint
        default: nil
        }
    }
}
