public import LinuxSystem

/// Why a template cannot be had or used.
public enum TemplateError: Error, Hashable, Sendable, CustomStringConvertible, HintedError {
    /// There is none of this key, or beginning of one.
    case noSuchTemplate(String)
    /// Several keys begin so.
    case ambiguous(String)
    /// A program that cannot do what it takes.
    case unsupported(String)
    /// Something of the request that a saved machine cannot have.
    case excluded(String, reason: String)
    /// A state that could not be saved or loaded.
    case unusable(String)
    /// What the guest could not do for this one machine, through no fault of the template's.
    case refused(String)

    public var description: String {
        switch self {
        case .noSuchTemplate(let key): "no template \(key)"
        case .ambiguous(let key): "several templates begin with \(key)"
        case .unsupported(let reason): reason
        case .excluded(let option, let reason): "--warm and \(option) exclude each other: \(reason)"
        case .unusable(let reason), .refused(let reason): reason
        }
    }

    public var hint: String? {
        switch self {
        case .noSuchTemplate, .ambiguous: "bcvk template list shows them"
        case .unsupported: "QEMU 10 with virtiofsd 1.13 can do it; contrib/host-tools brings them"
        case .excluded, .unusable, .refused: nil
        }
    }
}
