/// Why a compressed stream could not be read.
public enum DecompressionError: Error, Hashable, Sendable, CustomStringConvertible {
    case truncated(CompressionFormat)
    case corrupt(CompressionFormat, reason: String)
    case tooLarge(limit: Int)
    case outOfMemory(CompressionFormat)

    public var description: String {
        switch self {
        case .truncated(let format): "the \(format.rawValue) stream ends too early"
        case .corrupt(let format, let reason): "the \(format.rawValue) stream is damaged: \(reason)"
        case .tooLarge(let limit): "more than \(limit) bytes"
        case .outOfMemory(let format): "no memory for a \(format.rawValue) decoder"
        }
    }
}
