/// Accounts of the image (passwd(5)). Image-based systems keep those of packages below /usr.
struct Account {
    let owner: UInt32
    let group: UInt32
    let home: String

    private static let places = ["/etc/passwd", "/usr/lib/passwd"]

    /// The account of this name; nil where there is none.
    static func named(_ name: String, in tree: RootTree) throws(GuestError) -> Account? {
        try first(in: tree) { fields in fields[0].elementsEqual(name.utf8) }
    }

    /// The first account with the number 0.
    static func root(in tree: RootTree) throws(GuestError) -> Account {
        try first(in: tree) { fields in fields[2].elementsEqual("0".utf8) }
            ?? Account(owner: 0, group: 0, home: "/root")
    }

    private static func first(
        in tree: RootTree, where isWanted: ([ArraySlice<UInt8>]) -> Bool
    ) throws(GuestError) -> Account? {
        for place in places {
            for line in (try tree.read(place) ?? []).split(separator: UInt8(ascii: "\n")) {
                let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
                guard fields.count >= 7, fields[5].first == UInt8(ascii: "/"), isWanted(fields),
                    let owner = number(fields[2]), let group = number(fields[3])
                else { continue }
                return Account(owner: owner, group: group, home: String(decoding: fields[5], as: UTF8.self))
            }
        }
        return nil
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt32? {
        guard (1...9).contains(digits.count) else { return nil }
        var value: UInt32 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + UInt32(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
