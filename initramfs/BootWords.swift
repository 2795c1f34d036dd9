/// The kernel's command line, as far as it says which root is to be started (kernel-parameters, bootparam(7)).
struct BootWords {
    /// Where the root is: `UUID=…` or a device.
    private(set) var root = ""
    /// The root's file system type; empty to go by its superblock.
    private(set) var type = ""
    /// Mount options of the root.
    private(set) var options = ""
    /// The program that becomes process 1; empty for the usual one.
    private(set) var initProgram = ""
    /// Whether the root is mounted writable.
    private(set) var isWritable = false

    /// Reads the text of /proc/cmdline. Of a word that stands there twice, the last counts.
    init(_ text: [UInt8]) {
        for word in text.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }) {
            if let value = Self.value(of: "root=", in: word) {
                root = value
            } else if let value = Self.value(of: "rootfstype=", in: word) {
                type = value
            } else if let value = Self.value(of: "rootflags=", in: word) {
                options = value
            } else if let value = Self.value(of: "init=", in: word) {
                initProgram = value
            } else if word.elementsEqual("rw".utf8) {
                isWritable = true
            } else if word.elementsEqual("ro".utf8) {
                isWritable = false
            }
        }
    }

    private static func value(of key: StaticString, in word: ArraySlice<UInt8>) -> String? {
        let bytes = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
        guard word.count >= bytes.count, word.prefix(bytes.count).elementsEqual(bytes) else { return nil }
        return String(decoding: word.dropFirst(bytes.count), as: UTF8.self)
    }
}
