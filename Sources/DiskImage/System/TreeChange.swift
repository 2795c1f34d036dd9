/// One difference between the image's tree and the root of its disk.
public enum TreeChange: Sendable, Hashable {
    /// Who owns something, and what it allows.
    public struct Attributes: Sendable, Hashable {
        /// The mode's lower twelve bits.
        public var mode: UInt32
        /// The user's number.
        public var owner: UInt32
        /// The group's number.
        public var group: UInt32

        /// Root's by default.
        public init(mode: UInt32, owner: UInt32 = 0, group: UInt32 = 0) {
            self.mode = mode
            self.owner = owner
            self.group = group
        }
    }

    case file(String, [UInt8], Attributes)
    case directory(String, Attributes)
    case link(String, target: String)
    case removal(String)
    case attributes(String, Attributes, isDirectory: Bool)

    /// Where it is.
    public var path: String {
        switch self {
        case .file(let path, _, _), .directory(let path, _), .link(let path, _), .removal(let path),
            .attributes(let path, _, _):
            path
        }
    }
}
