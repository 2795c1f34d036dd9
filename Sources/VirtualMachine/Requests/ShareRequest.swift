/// A directory of the host that is to be seen in the guest, as `--bind` and `--ro-bind` take it: `HOST[:NAME]` or
/// `HOST:/guest/path`.
public struct ShareRequest: Sendable, Hashable {
    /// The host's directory as it was given.
    public var directory: String
    /// A name below /run, or an absolute path of the guest; nil for the directory's own name.
    public var place: String?
    /// Whether the guest may not write it.
    public var isReadOnly: Bool

    private static let form = "HOST[:NAME] or HOST:/GUEST/PATH"
    /// Nothing of a host is of use there, and the guest's system would not start.
    private static let systemPlaces = ["/dev", "/proc", "/sys"]

    /// Reads an option's value. What stands after the last colon is the place.
    public init(_ text: String, isReadOnly: Bool) throws(RequestError) {
        self.isReadOnly = isReadOnly
        guard let colon = text.lastIndex(of: ":") else {
            guard !text.isEmpty else { throw .malformed(text, form: Self.form) }
            directory = text
            return
        }
        directory = String(text[..<colon])
        let place = String(text[text.index(after: colon)...])
        guard !directory.isEmpty, !place.isEmpty else { throw .malformed(text, form: Self.form) }
        self.place = try Self.checked(place)
    }

    /// Where it is mounted in the guest.
    /// - Parameter path: the directory's path without links and dots.
    package func guestPath(of path: String) throws(RequestError) -> String {
        if let place { return place.hasPrefix("/") ? place : Self.named(place) }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        guard NameRules.isPlain(name, atMost: 255) else {
            throw .forbidden("directory", value: path, rule: "its own name cannot be the share's; add one, as :NAME")
        }
        return Self.named(name)
    }

    private static func named(_ name: String) -> String { "/run/virtiofs-mnt-\(name)" }

    private static func checked(_ place: String) throws(RequestError) -> String {
        guard place.hasPrefix("/") else {
            guard NameRules.isPlain(place, atMost: 128) else {
                throw .forbidden("name", value: place, rule: "a share's name takes letters, digits and . _ -")
            }
            return place
        }
        let parts = place.split(separator: "/")
        let path = "/" + parts.joined(separator: "/")
        guard !parts.isEmpty, !parts.contains("."), !parts.contains(".."), NameRules.isOneLine(path) else {
            throw .forbidden(
                "guest path", value: place, rule: "it must be the absolute path of a directory, not / itself")
        }
        guard path != "/run", !systemPlaces.contains(where: { path == $0 || path.hasPrefix($0 + "/") }) else {
            throw .forbidden("guest path", value: place, rule: "the guest's kernel and init have their own files there")
        }
        return path
    }
}
