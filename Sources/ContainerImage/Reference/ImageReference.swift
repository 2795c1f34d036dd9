/// Where an image is, as the user names it (containers-transports(5)).
public struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    /// The ways to an image.
    public enum Transport: Hashable, Sendable {
        /// An OCI layout in a directory; read by us.
        case oci(path: String, tag: String?)
        /// An OCI layout in a tar file; read by us.
        case ociArchive(path: String, tag: String?)
        /// What skopeo understands under this very text: docker://, containers-storage:, docker-archive:, docker-daemon:.
        case skopeo(String)
        /// A name without a transport: the local container storage, then its registry.
        case name(String)
        /// A container of podman or docker, running or not, with what it has changed.
        case container(String)
        /// An image in containerd, by its own name for it.
        case containerd(String)
        /// A root directory, used where it is.
        case directory(path: String)
        /// A root file system in a tar file.
        case rootArchive(path: String)
    }

    /// The way to the image.
    public let transport: Transport
    /// The text that it was made of, which is also the image's name in tables.
    public let description: String

    private static let skopeoPrefixes = ["docker://", "containers-storage:", "docker-archive:", "docker-daemon:"]

    /// Reads a reference.
    public init(_ text: String) throws(ImageError) {
        description = text
        guard !text.isEmpty else { throw .malformedReference("\"\"", reason: "it is empty") }
        guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw .malformedReference(text.debugDescription, reason: "it has spaces or control characters")
        }
        if let rest = text.withoutPrefix("oci-archive:") {
            let (path, tag) = try Self.pathAndTag(rest, of: text)
            transport = .ociArchive(path: path, tag: tag)
        } else if let rest = text.withoutPrefix("oci:") {
            let (path, tag) = try Self.pathAndTag(rest, of: text)
            transport = .oci(path: path, tag: tag)
        } else if let name = try Self.rest("container:", of: text) {
            transport = .container(name)
        } else if let name = try Self.rest("containerd:", of: text) {
            transport = .containerd(name)
        } else if let path = try Self.rest("dir:", of: text) {
            transport = .directory(path: path)
        } else if let path = try Self.rest("tar:", of: text) {
            transport = .rootArchive(path: path)
        } else if let prefix = Self.skopeoPrefixes.first(where: text.hasPrefix) {
            guard text.utf8.count > prefix.utf8.count else {
                throw .malformedReference(text, reason: "nothing follows \(prefix)")
            }
            transport = .skopeo(text)
        } else if text.hasPrefix("-") || text.contains("://") {
            throw .malformedReference(text, reason: "unknown transport")
        } else {
            transport = .name(text)
        }
    }

    /// Whether somebody has probably forgotten a transport. Names of images begin with neither a slash nor a dot.
    static func looksLikePath(_ name: String) -> Bool {
        name.hasPrefix("/") || name.hasPrefix(".") || name.hasPrefix("~") || name.hasSuffix(".tar")
    }

    private static func rest(_ prefix: String, of text: String) throws(ImageError) -> String? {
        guard let rest = text.withoutPrefix(prefix) else { return nil }
        guard !rest.isEmpty else { throw .malformedReference(text, reason: "nothing follows \(prefix)") }
        guard !rest.hasPrefix("-") else { throw .malformedReference(text, reason: "\(rest) looks like an option") }
        return String(rest)
    }

    /// The last colon divides path and tag, unless a slash follows it.
    private static func pathAndTag(_ text: Substring, of whole: String) throws(ImageError) -> (String, String?) {
        guard let colon = text.lastIndex(of: ":"), !text[colon...].contains("/") else {
            guard !text.isEmpty else { throw .malformedReference(whole, reason: "it has no path") }
            return (String(text), nil)
        }
        let tag = text[text.index(after: colon)...]
        guard colon > text.startIndex, !tag.isEmpty else {
            throw .malformedReference(whole, reason: "its path or its tag is empty")
        }
        return (String(text[..<colon]), String(tag))
    }
}

extension String {
    fileprivate func withoutPrefix(_ prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
