public import ContainerImage
public import LinuxSystem

/// Why the store could not do what it was asked for.
public enum StoreError: Error, Hashable, Sendable, CustomStringConvertible, HintedError {
    case cacheUnusable(String, reason: String)
    /// - Parameter work: what was being done, as "unpacking IMAGE".
    case workFailed(String, reason: String)
    case workerDied(String, reason: String)
    /// A layer's blob is not what its digest says.
    case damagedBlob(Digest, during: String, reason: String)
    case removed(String)
    case noSuchImage(String)
    case severalImages(String)
    case inUse(String)
    case notRepaired(image: String, entry: String, reason: String)

    public var description: String {
        switch self {
        case .cacheUnusable(let path, let reason): "cache directory \(path): \(reason)"
        case .workFailed(let work, let reason): "\(work): \(reason)"
        case .workerDied(let work, let reason): "\(work): the process that does it ended with \(reason)"
        case .damagedBlob(_, let work, let reason): "\(work): \(reason)"
        case .removed(let image): "\(image) has just been removed from the cache"
        case .noSuchImage(let name): "no such image in the cache: \(name)"
        case .severalImages(let name): "\(name) is the beginning of several images' digests"
        case .inUse(let image): "\(image) is in use by a machine"
        case .notRepaired(let image, let entry, let reason): "\(image): \(entry); it could not be repaired: \(reason)"
        }
    }

    public var hint: String? {
        switch self {
        case .workFailed(_, let reason) where reason.contains("No space left"),
            .cacheUnusable(_, let reason) where reason.contains("No space left"):
            "free some space (bcvk images prune), or set BCVK_CACHE to a directory with more"
        case .cacheUnusable: "set BCVK_CACHE to a directory that you may write"
        case .noSuchImage: "bcvk images list shows what there is"
        case .inUse: "bcvk ephemeral ps shows the machines, and bcvk ephemeral rm -f ends one"
        default: nil
        }
    }
}
