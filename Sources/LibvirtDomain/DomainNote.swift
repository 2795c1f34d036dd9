/// What bcvk notes of a machine in its domain's metadata, so that it finds the way in again.
public struct DomainNote: Sendable, Hashable {
    /// The namespace of the note (libvirt, "Domain XML format", metadata).
    public static let namespace = "urn:bcvk:domain:1"

    /// The image as the user named it.
    public var image: String
    /// The digest of its manifest; empty where that is not known.
    public var digest: String
    /// The port of 127.0.0.1 that leads to the guest's sshd.
    public var sshPort: UInt16
    /// The private key's file; empty for the user's own keys.
    public var sshKey: String
    /// The user to log in as.
    public var sshUser: String

    /// A note.
    public init(image: String, digest: String, sshPort: UInt16, sshKey: String, sshUser: String = "root") {
        self.image = image
        self.digest = digest
        self.sshPort = sshPort
        self.sshKey = sshKey
        self.sshUser = sshUser
    }

    /// As it stands in a domain.
    package var text: String { element.rendered() }

    var element: XMLElement {
        XMLElement(
            "bcvk:machine",
            [
                ("xmlns:bcvk", Self.namespace), ("image", image), ("digest", digest), ("ssh-port", "\(sshPort)"),
                ("ssh-key", sshKey), ("ssh-user", sshUser),
            ])
    }

    /// Reads the element that `virsh metadata` prints; nil for anything else.
    public init?(element text: String) {
        guard let start = text.firstIndex(of: "<"), let end = text[start...].firstIndex(of: ">") else { return nil }
        let inner = text[text.index(after: start)..<end]
        guard inner.prefix(while: { !$0.isWhitespace }).hasSuffix("machine") else { return nil }
        func value(_ name: String) -> String? {
            for quote in ["\"", "'"] {
                guard let place = inner.firstRange(of: " \(name)=\(quote)") else { continue }
                let rest = inner[place.upperBound...]
                return rest.firstIndex(of: Character(quote)).map { Self.unescaped(rest[..<$0]) }
            }
            return nil
        }
        guard let port = value("ssh-port").flatMap({ UInt16($0) }) else { return nil }
        self.init(
            image: value("image") ?? "", digest: value("digest") ?? "", sshPort: port, sshKey: value("ssh-key") ?? "",
            sshUser: value("ssh-user") ?? "root")
    }

    private static func unescaped(_ text: Substring) -> String {
        let entities = [
            ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#10;", "\n"), ("&#9;", "\t"),
            ("&amp;", "&"),
        ]
        return entities.reduce(String(text)) { result, pair in result.replacing(pair.0, with: pair.1) }
    }
}
