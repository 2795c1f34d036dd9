public import LinuxSystem

/// Why an image could not be unpacked.
public enum StoreError: Error, Hashable, Sendable, CustomStringConvertible, HintedError {
    case cacheUnusable(String, reason: String)
    case unpackingFailed(image: String, reason: String)
    case workerDied(image: String, reason: String)
    case damagedRecord(String, reason: String)
    case removed(String)

    public var description: String {
        switch self {
        case .cacheUnusable(let path, let reason): "cache directory \(path): \(reason)"
        case .unpackingFailed(let image, let reason): "unpacking \(image): \(reason)"
        case .workerDied(let image, let reason): "unpacking \(image): the process that unpacks ended with \(reason)"
        case .damagedRecord(let path, let reason): "\(path): \(reason)"
        case .removed(let image): "\(image) has just been removed from the cache"
        }
    }

    public var hint: String? {
        switch self {
        case .cacheUnusable: "set BCVK_CACHE to a directory that you may write"
        case .unpackingFailed(_, let reason) where reason.contains("No space left"):
            "free some space, or set BCVK_CACHE to a directory with more"
        case .unpackingFailed, .workerDied, .damagedRecord, .removed: nil
        }
    }
}
