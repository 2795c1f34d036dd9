internal import LinuxSystem

/// The accounts that an image has from the start (passwd(5)).
package enum GuestAccounts {
    /// Image-based systems keep the accounts of packages below /usr.
    private static let places = ["/etc/passwd", "/usr/lib/passwd"]

    /// Whether the image has an account of this name.
    static func has(_ name: UserName, in tree: RootDirectory) throws -> Bool {
        for place in places {
            let text = String(decoding: try tree.readFileIfPresent(place) ?? [], as: UTF8.self)
            if names(in: text).contains(name.text) { return true }
        }
        return false
    }

    package static func names(in text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            return fields.count >= 7 ? String(fields[0]) : nil
        }
    }
}
