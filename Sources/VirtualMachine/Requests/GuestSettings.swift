/// What a user wants to find inside the guest.
public struct GuestSettings: Sendable, Hashable {
    /// The host name; nil for the machine's name.
    public var hostname: HostName?
    /// The account that ssh logs in as.
    public var user = UserName.root
    /// Variables of services and logins, in their order.
    public var environment: [EnvironmentVariable] = []

    /// A guest as it is when nothing is asked for.
    public init() {}
}

/// A host name of one or more labels (RFC 1123), at most 64 bytes as Linux has it.
public struct HostName: Sendable, Hashable {
    /// The name.
    public let text: String

    /// Checks a name.
    public init(_ text: String) throws(RequestError) {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 64, labels.allSatisfy({ MachineName(String($0)) != nil }) else {
            throw .forbidden(
                "host name", value: text,
                rule: "it takes labels of letters, digits and inner hyphens with dots between, at most 64 characters")
        }
        self.text = text
    }
}

/// The name of an account in the guest.
public struct UserName: Sendable, Hashable {
    /// The name.
    public let text: String

    /// The superuser.
    public static let root = UserName(unchecked: "root")

    /// Checks a name: whatever can stand in passwd(5) and on ssh's command line.
    public init(_ text: String) throws(RequestError) {
        let isAllowed = text.utf8.allSatisfy { byte in
            byte > 0x20 && byte != 0x7F && !":/@,".utf8.contains(byte)
        }
        guard (1...32).contains(text.utf8.count), !text.hasPrefix("-"), isAllowed else {
            throw .forbidden("user", value: text, rule: "that cannot be the name of an account")
        }
        self.text = text
    }

    private init(unchecked text: String) {
        self.text = text
    }
}

/// A variable of the guest's environment.
public struct EnvironmentVariable: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// Its value.
    public let value: String

    /// `NAME=value`.
    public var assignment: String { "\(name)=\(value)" }

    /// Reads `NAME=value`, or `NAME` for the value that it has here.
    /// - Parameter current: looks a variable of our own up.
    public init(_ text: String, current: (String) -> String?) throws(RequestError) {
        let name = String(text.prefix { $0 != "=" })
        guard NameRules.isVariable(name) else {
            throw .forbidden(
                "variable", value: name, rule: "its name takes letters, digits and _, and begins with no digit")
        }
        if name.utf8.count < text.utf8.count {
            value = String(text.dropFirst(name.count + 1))
        } else {
            guard let found = current(name) else {
                throw .forbidden("variable", value: name, rule: "it is not set here; give it a value, as NAME=VALUE")
            }
            value = found
        }
        guard NameRules.isOneLine(value) else {
            throw .forbidden("variable", value: name, rule: "its value must be one line without control characters")
        }
        self.name = name
    }
}

/// A label of a machine: what filters go by.
public struct Label: Sendable, Hashable {
    /// Its name.
    public let key: String
    /// Its value; nil where none was given.
    public let value: String?

    /// Reads `KEY=VALUE` or `KEY`.
    public init(_ text: String) throws(RequestError) {
        let key = String(text.prefix { $0 != "=" })
        guard !key.isEmpty, NameRules.isOneLine(text) else { throw .malformed(text, form: "KEY[=VALUE]") }
        self.key = key
        value = key.utf8.count < text.utf8.count ? String(text.dropFirst(key.count + 1)) : nil
    }

    /// Whether a machine with these labels has this one; without a value, any value does.
    public func matches(_ labels: [String: String]) -> Bool {
        guard let found = labels[key] else { return false }
        return value == nil || value == found
    }
}
