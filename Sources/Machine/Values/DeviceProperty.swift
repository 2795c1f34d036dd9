/// A property of a device; the one that is called `driver` says what it is.
public struct DeviceProperty: Sendable, Hashable {
    /// What its value is: the monitor tells texts and numbers apart.
    public enum Value: Sendable, Hashable {
        case text(String)
        case number(Int)
    }

    /// Its name.
    public let name: String
    /// Its value.
    public let value: Value

    init(_ name: String, _ text: String) {
        self.name = name
        value = .text(text)
    }

    init(_ name: String, _ number: Int) {
        self.name = name
        value = .number(number)
    }

    /// The value as it stands on the command line.
    var text: String {
        switch value {
        case .text(let text): text
        case .number(let number): "\(number)"
        }
    }
}
