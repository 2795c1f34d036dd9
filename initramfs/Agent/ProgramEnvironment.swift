/// The environment of a program: what is named last wins.
struct ProgramEnvironment {
    private(set) var words: [String] = []

    /// What every program of this account gets.
    init(_ account: ProgramIdentity) {
        set("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        set("HOME=\(account.home)")
        set("USER=\(account.name)")
        set("LOGNAME=\(account.name)")
        set("SHELL=\(account.shell)")
    }

    /// Takes a `NAME=value` word, in place of an earlier one of the same name.
    mutating func set(_ word: String) {
        let name = Self.name(word)
        for index in words.indices where Self.name(words[index]).elementsEqual(name) {
            words[index] = word
            return
        }
        words.append(word)
    }

    private static func name(_ word: String) -> ArraySlice<UInt8> {
        let bytes = Array(word.utf8)
        return bytes.prefix { $0 != UInt8(ascii: "=") }
    }
}
