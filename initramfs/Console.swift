import CGuest

/// Lines for the console, where the host looks when a boot fails.
enum Console {
    /// Something that is not as it should be; the boot goes on.
    static func warn(_ text: String) {
        write("bcvk-guest: \(text)\n")
    }

    /// The last word before the machine is powered off. The host looks for exactly this beginning.
    static func fatal(_ text: String) {
        write("\nbcvk-guest: fatal: \(text)\n")
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        bytes.withUnsafeBytes { buffer in _ = CGuest.write(2, buffer.baseAddress, buffer.count) }
    }
}
