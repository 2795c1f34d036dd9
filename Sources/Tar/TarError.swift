/// Why an archive could not be read. Names are shown as far as they are text.
public enum TarError: Error, Hashable, Sendable, CustomStringConvertible {
    case truncated(after: String)
    case badChecksum(after: String)
    case badNumber(field: String, entry: String)
    case badExtendedHeader(entry: String)
    case tooLargeHeader(entry: String)
    case unsupportedEntry(type: UInt8, entry: String)
    case badSparseMap(entry: String)

    public var description: String {
        switch self {
        case .truncated(let name): "the archive ends in the middle of \(Self.shown(name))"
        case .badChecksum(let name):
            "no valid header \(name.isEmpty ? "at the beginning: this is no tar archive" : "after \(name)")"
        case .badNumber(let field, let name): "\(Self.shown(name)): \(field) is no number"
        case .badExtendedHeader(let name): "damaged extended header \(name.isEmpty ? "" : "after \(name)")"
        case .tooLargeHeader(let name): "extended header too large \(name.isEmpty ? "" : "after \(name)")"
        case .unsupportedEntry(let type, let name): "\(Self.shown(name)): unknown entry type \(type)"
        case .badSparseMap(let name): "\(Self.shown(name)): damaged map of a sparse file"
        }
    }

    private static func shown(_ name: String) -> String { name.isEmpty ? "its first header" : name }
}
