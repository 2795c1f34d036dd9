import CGuest

/// A disk or partition of the machine, known by what its superblock says.
struct BlockDevice {
    /// Its node.
    let path: String
    /// Its file system's type, as mount(2) takes it.
    let type: String
    /// The file system's UUID.
    private let id: [UInt8]

    /// Where superblocks have their mark and their UUID: ext4, XFS and btrfs.
    private static let forms: [(type: StaticString, mark: StaticString, markAt: Int, idAt: Int)] = [
        ("ext4", "\u{53}", 1024 + 0x38, 1024 + 0x68), ("xfs", "XFSB", 0, 32), ("btrfs", "_BHRfS_M", 65_600, 65_568),
    ]

    /// nil for a device that has no file system of a known type.
    init?(_ path: String) {
        let file = guest_open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        self.path = path
        for form in Self.forms {
            let mark = UnsafeBufferPointer(start: form.mark.utf8Start, count: form.mark.utf8CodeUnitCount)
            guard Self.read(file, at: form.markAt, count: mark.count).elementsEqual(mark) else { continue }
            // ext4's mark is two bytes, the second of which is no character.
            if form.markAt == 1024 + 0x38, Self.read(file, at: 1024 + 0x39, count: 1) != [0xEF] { continue }
            type = String(
                decoding: UnsafeBufferPointer(start: form.type.utf8Start, count: form.type.utf8CodeUnitCount),
                as: UTF8.self)
            id = Self.read(file, at: form.idAt, count: 16)
            return
        }
        return nil
    }

    /// Whether the file system has this UUID, written with hyphens.
    func hasID(_ text: ArraySlice<UInt8>) -> Bool {
        var digits: [UInt8] = []
        for byte in text where byte != UInt8(ascii: "-") {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digits.append(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digits.append(byte - UInt8(ascii: "A") + 10)
            default: return false
            }
        }
        guard digits.count == 32, id.count == 16 else { return false }
        for index in 0..<16 where digits[2 * index] << 4 | digits[2 * index + 1] != id[index] { return false }
        return true
    }

    /// The nodes of all disks and partitions there are now, from /proc/partitions: number, number, size, name.
    static func all() throws(GuestError) -> [String] {
        var found: [String] = []
        for line in try WholeFile.read("/proc/partitions").split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " "))
            guard fields.count == 4, fields[0].first != UInt8(ascii: "m") else { continue }
            found.append("/dev/" + String(decoding: fields[3], as: UTF8.self))
        }
        return found
    }

    private static func read(_ file: Int32, at offset: Int, count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, count, off_t(offset)) }
        return got == count ? bytes : []
    }
}
