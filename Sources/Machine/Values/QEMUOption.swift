/// A QEMU option value of the form `first,key=value,…`.
struct QEMUOption {
    private var words: [String]

    /// Starts with a word that has no key, such as a device's name.
    init(_ first: String) {
        words = [Self.escaped(first)]
    }

    /// Starts with a key.
    init(_ key: String, _ value: String) {
        words = ["\(key)=\(Self.escaped(value))"]
    }

    /// Adds a key with its value; commas in it are doubled, as QEMU wants them.
    func with(_ key: String, _ value: String) -> QEMUOption {
        var copy = self
        copy.words.append("\(key)=\(Self.escaped(value))")
        return copy
    }

    /// Adds a key with a number.
    func with(_ key: String, _ value: some BinaryInteger) -> QEMUOption {
        with(key, "\(value)")
    }

    /// A device with its properties, of which the first is the driver.
    static func device(_ properties: [DeviceProperty]) -> [String] {
        guard let driver = properties.first else { return [] }
        return ["-device", properties.dropFirst().reduce(QEMUOption(driver.text)) { $0.with($1.name, $1.text) }.text]
    }

    /// The text as it stands on the command line.
    var text: String { words.joined(separator: ",") }

    private static func escaped(_ value: String) -> String {
        value.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ",,")
    }
}
