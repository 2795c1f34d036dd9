/// The kernel's list of security modules without BPF, where the kernel's configuration is in the image.
///
/// systemd attaches a program there at each start, for units with `RestrictFileSystems=`; to load and verify it takes a machine whose
/// instructions are translated about a second.
package enum SecurityModules {
    /// - Parameters:
    ///   - list: the kernel's own, as its configuration has it.
    ///   - extra: the user's own words.
    package static func word(withoutBPF list: String, extra: [String]) -> String? {
        guard !extra.contains(where: { $0.hasPrefix("lsm=") || $0.hasPrefix("security=") }),
            list.count > 1, list.hasPrefix("\""), list.hasSuffix("\"")
        else { return nil }
        let names = list.dropFirst().dropLast()
        let modules = names.split(separator: ",")
        guard modules.contains("bpf"), names.utf8.allSatisfy(isOfName) else { return nil }
        return "lsm=" + modules.filter { $0 != "bpf" }.joined(separator: ",")
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
            UInt8(ascii: ","):
            true
        default: false
        }
    }
}
