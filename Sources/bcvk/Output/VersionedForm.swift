/// A value in one of the forms that contrib/docs/json.md describes: its own keys, and the form's version beside them.
struct VersionedForm<Value: Encodable>: Encodable {
    /// It changes when a key changes its meaning or goes; keys may be added without that.
    private static var version: Int { 1 }

    private enum Key: String, CodingKey {
        case version
    }

    private let value: Value

    init(_ value: Value) {
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(Self.version, forKey: .version)
        // A record that is kept has a version of its own, and it is that which counts.
        try value.encode(to: encoder)
    }
}
