import CGuest

/// The kernel modules that the host has put into the initramfs, in the order in which they depend on each other.
enum Modules {
    private static let directory = "/bcvk/modules"

    /// Loads them all; a name that does not load is fatal only if what needs it fails later.
    static func load() throws(GuestError) {
        let list = try WholeFile.read("/bcvk/modules.list")
        for line in list.split(separator: UInt8(ascii: "\n")) {
            let path = directory + "/" + String(decoding: line, as: UTF8.self)
            if guest_load_module(path) != 0 { Console.warn(GuestError("load module", path).text) }
        }
    }
}
