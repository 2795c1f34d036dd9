import CGuest

/// As whom a program runs, with what the account says of it.
struct ProgramIdentity {
    var name: String
    var user: UInt32
    var group: UInt32
    var home: String
    var shell: String
    var groups: [UInt32]

    /// Where accounts are: the usual place, and that of images whose /etc holds only what was added (nss-altfiles).
    private static let userFiles = ["/etc/passwd", "/usr/lib/passwd"]
    private static let groupFiles = ["/etc/group", "/usr/lib/group"]

    /// Finds `USER[:GROUP]`, names or numbers; an empty text means root. A number needs no account.
    static func find(_ text: String) throws(GuestError) -> ProgramIdentity {
        let parts = Array(text.utf8).split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        let wanted = parts.isEmpty || parts[0].isEmpty ? Array("0".utf8) : Array(parts[0])
        var account = ProgramIdentity(name: "root", user: 0, group: 0, home: "/", shell: "/bin/sh", groups: [])
        if let fields = line(of: userFiles, key: wanted, numberField: 2, count: 7) {
            account.name = String(decoding: fields[0], as: UTF8.self)
            account.user = number(fields[2]) ?? 0
            account.group = number(fields[3]) ?? 0
            account.home = String(decoding: fields[5], as: UTF8.self)
            account.shell = String(decoding: fields[6], as: UTF8.self)
        } else if let number = number(wanted[...]) {
            account.user = number
            account.name = String(decoding: wanted, as: UTF8.self)
        } else {
            throw GuestError("find", "user \(String(decoding: wanted, as: UTF8.self))", reason: "there is no such user")
        }
        if account.home.utf8.isEmpty { account.home = "/" }
        if account.shell.utf8.isEmpty { account.shell = "/bin/sh" }
        if parts.count == 2 {
            let name = Array(parts[1])
            if let fields = line(of: groupFiles, key: name, numberField: 2, count: 3) {
                account.group = number(fields[2]) ?? 0
            } else if let number = number(name[...]) {
                account.group = number
            } else {
                throw GuestError(
                    "find", "group \(String(decoding: name, as: UTF8.self))", reason: "there is no such group")
            }
            account.groups = [account.group]
        } else {
            account.groups = [account.group] + memberships(of: Array(account.name.utf8), except: account.group)
        }
        return account
    }

    /// The fields of the first line whose name or number is the key.
    private static func line(
        of files: [String], key: [UInt8], numberField: Int, count: Int
    ) -> [ArraySlice<UInt8>]? {
        let wantedNumber = number(key[...])
        for file in files {
            for line in lines(file) {
                let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
                guard fields.count >= count else { continue }
                if fields[0].elementsEqual(key) { return fields }
                if let wantedNumber, number(fields[numberField]) == wantedNumber { return fields }
            }
        }
        return nil
    }

    private static func memberships(of name: [UInt8], except group: UInt32) -> [UInt32] {
        var found: [UInt32] = []
        for file in groupFiles {
            for line in lines(file) {
                let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
                guard fields.count >= 4, let number = number(fields[2]), number != group else { continue }
                for member in fields[3].split(separator: UInt8(ascii: ",")) where member.elementsEqual(name) {
                    found.append(number)
                }
            }
        }
        return found
    }

    private static func lines(_ file: String) -> [ArraySlice<UInt8>] {
        do throws(GuestError) {
            return try WholeFile.read(file).split(separator: UInt8(ascii: "\n"))
        } catch {
            // Not every image has every file.
            return []
        }
    }

    private static func number(_ text: ArraySlice<UInt8>) -> UInt32? {
        guard (1...10).contains(text.count) else { return nil }
        var value: UInt64 = 0
        for byte in text {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        return UInt32(exactly: value)
    }
}
