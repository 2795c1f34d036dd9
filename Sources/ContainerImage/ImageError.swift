public import LinuxSystem

/// Why an image could not be read.
public enum ImageError: Error, Hashable, Sendable, CustomStringConvertible, HintedError {
    case malformedReference(String, reason: String)
    case notFound(String, reason: String)
    case missingPath(String)
    case notAnArchive(String, reason: String)
    case notALayout(String, reason: String)
    case notARootArchive(String, reason: String)
    case notARootDirectory(String, reason: String)
    case noContainer(String, reason: String)
    case noSuchTag(image: String, tag: String, tags: [String])
    case tagNeeded(image: String, tags: [String])
    case noPlatform(image: String, wanted: Platform, available: [String])
    case missingBlob(image: String, digest: Digest)
    case wrongDigest(image: String, what: String, expected: Digest, found: Digest)
    case wrongSize(image: String, what: String, expected: Int64, found: Int64)
    case malformedDocument(image: String, what: String, reason: String)
    case layerCountMismatch(image: String, layers: Int, diffIDs: Int)
    case programMissing(String, neededFor: String)
    case transportFailed(reference: String, reason: String)

    public var description: String {
        switch self {
        case .malformedReference(let text, let reason): "image reference \(text): \(reason)"
        case .notFound(let name, let reason): "no such image: \(name) (\(reason))"
        case .missingPath(let path): "no such image: \(path) does not exist"
        case .notAnArchive(let path, let reason): "\(path) is no OCI archive: \(reason)"
        case .notALayout(let path, let reason): "\(path) is no OCI layout: \(reason)"
        case .notARootArchive(let path, let reason): "\(path) is no archive of a root file system: \(reason)"
        case .notARootDirectory(let path, let reason): "\(path) is no root directory: \(reason)"
        case .noContainer(let name, let reason): "no such container: \(name) (\(reason))"
        case .noSuchTag(let image, let tag, let tags):
            "\(image) has no tag \(tag); it has \(tags.isEmpty ? "none" : tags.joined(separator: ", "))"
        case .tagNeeded(let image, let tags): "\(image) holds several images: \(tags.joined(separator: ", "))"
        case .noPlatform(let image, let wanted, let available):
            "\(image) has no image for \(wanted); it has \(available.isEmpty ? "none" : available.joined(separator: ", "))"
        case .missingBlob(let image, let digest): "\(image): blob \(digest) is missing"
        case .wrongDigest(let image, let what, let expected, let found):
            "\(image): \(what) is damaged: its digest is \(found), it should be \(expected)"
        case .wrongSize(let image, let what, let expected, let found):
            "\(image): \(what) is damaged: it has \(found) bytes, it should have \(expected)"
        case .malformedDocument(let image, let what, let reason): "\(image): \(what) cannot be read: \(reason)"
        case .layerCountMismatch(let image, let layers, let diffIDs):
            "\(image): the manifest has \(layers) layers, the configuration \(diffIDs)"
        case .programMissing(let name, let purpose): "\(name) is not installed: it is needed for \(purpose)"
        case .transportFailed(let reference, let reason): "\(reference): \(reason)"
        }
    }

    /// Why a directory is no archive.
    static let isDirectory = "it is a directory"

    public var hint: String? {
        switch self {
        case .tagNeeded(let image, let tags): tags.first.map { "name one: \(image):\($0)" }
        case .transportFailed(_, let reason) where reason.contains("unauthorized") || reason.contains("denied"):
            "log in with skopeo login or podman login, or give --authfile or --creds"
        case .programMissing("ctr", _): "install the package containerd"
        case .programMissing(let name, _): "install the package \(name)"
        case .notFound(let name, _) where ImageReference.looksLikePath(name):
            "a file is named with its transport: oci-archive:\(name), oci:\(name) or docker-archive:\(name)"
        case .notAnArchive(let path, let reason) where reason == Self.isDirectory: "a directory is named oci:\(path)"
        case .notARootArchive(let path, let reason) where reason == Self.isDirectory:
            "a root directory is named dir:\(path)"
        default: nil
        }
    }
}
