import CGuest

/// What makes this machine another than its siblings from the same image.
enum Identity {
    static func write(_ configuration: GuestConfiguration, into tree: RootTree) throws(GuestError) {
        let name = Array(configuration.hostname.utf8)
        if !name.isEmpty {
            try tree.replace("/etc/hostname", with: name + [UInt8(ascii: "\n")], mode: 0o644)
            if sethostname(configuration.hostname, name.count) != 0 {
                throw GuestError("set host name", configuration.hostname)
            }
            try writeHosts(configuration.hostname, into: tree)
        }
        if !configuration.machineID.utf8.isEmpty {
            // A fresh id also says that this is no first boot: presets stay as the image's builder has set them.
            try tree.replace(
                "/etc/machine-id", with: Array(configuration.machineID.utf8) + [UInt8(ascii: "\n")], mode: 0o444)
        }
    }

    /// Container images have an empty /etc/hosts, or none: engines mount their own over it.
    private static func writeHosts(_ hostname: String, into tree: RootTree) throws(GuestError) {
        var text = try tree.read("/etc/hosts") ?? Array("127.0.0.1 localhost\n::1 localhost ip6-localhost\n".utf8)
        if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
        text += Array("127.0.1.1 \(hostname)".utf8)
        // After the full name, its first label, by which the machine calls itself too (hosts(5)).
        if let dot = hostname.utf8.firstIndex(of: UInt8(ascii: ".")) {
            text.append(UInt8(ascii: " "))
            text += Array(hostname.utf8[..<dot])
        }
        text.append(UInt8(ascii: "\n"))
        try tree.replace("/etc/hosts", with: text, mode: 0o644)
    }
}
