import CGuest

/// What makes this machine another than its siblings from the same image.
enum Identity {
    static func write(_ configuration: GuestConfiguration, into tree: RootTree) throws(GuestError) {
        let name = Array(configuration.hostname.utf8)
        if !name.isEmpty {
            try tree.replace("/etc/hostname", with: name + [UInt8(ascii: "\n")], mode: 0o644)
            let formerName = currentName()
            if sethostname(configuration.hostname, name.count) != 0 {
                throw GuestError("set host name", configuration.hostname)
            }
            try writeHosts(configuration.hostname, inPlaceOf: formerName, into: tree)
        }
        if !configuration.machineID.utf8.isEmpty {
            // A fresh id also says that this is no first boot: presets stay as the image's builder has set them.
            try tree.replace(
                "/etc/machine-id", with: Array(configuration.machineID.utf8) + [UInt8(ascii: "\n")], mode: 0o444)
        }
    }

    private static func currentName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let length = guest_host_name(&buffer, buffer.count)
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Container images have an empty /etc/hosts, or none: engines mount their own over it. A machine that was another before
    /// has that one's line.
    private static func writeHosts(
        _ hostname: String, inPlaceOf formerName: String, into tree: RootTree
    ) throws(GuestError) {
        let found = try tree.read("/etc/hosts") ?? Array("127.0.0.1 localhost\n::1 localhost ip6-localhost\n".utf8)
        let formerLine = hostsLine(formerName)
        var text: [UInt8] = []
        for line in found.split(separator: newline, omittingEmptySubsequences: false)
        where !line.elementsEqual(formerLine) {
            text += line
            text.append(newline)
        }
        while text.last == newline { text.removeLast() }
        text.append(newline)
        text += hostsLine(hostname)
        text.append(newline)
        try tree.replace("/etc/hosts", with: text, mode: 0o644)
    }

    /// After the full name, its first label, by which the machine calls itself too (hosts(5)).
    private static func hostsLine(_ hostname: String) -> [UInt8] {
        var line = Array("127.0.1.1 \(hostname)".utf8)
        if let dot = hostname.utf8.firstIndex(of: UInt8(ascii: ".")) {
            line.append(UInt8(ascii: " "))
            line += Array(hostname.utf8[..<dot])
        }
        return line
    }

    private static let newline = UInt8(ascii: "\n")
}
