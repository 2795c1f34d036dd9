internal import Compression

/// The kernel inside a bzImage (Linux/x86 boot protocol, 2.08 and later). A machine that is started with it needs not decompress
/// it by itself, which takes a second where its instructions are translated.
package enum UncompressedKernel {
    /// More than this is no kernel.
    private static let limit = 512 << 20

    /// The kernel, if it can be started directly: an ELF file with an entry point for hypervisors (PVH). nil for a kernel that has
    /// none, and for one whose compression is not known here.
    package static func extract(from image: [UInt8]) -> [UInt8]? {
        guard let payload = payload(of: image),
            let decoded = try? Decompression.open(MemorySource(image[payload])), decoded.format != .none
        else { return nil }
        var stream = decoded.stream
        guard let kernel = try? stream.readAll(limit: limit), hasDirectEntry(kernel) else { return nil }
        return kernel
    }

    /// The kernel's place; behind it are four bytes with its length.
    private static func payload(of image: [UInt8]) -> Range<Int>? {
        guard image.count > 0x250, let version = number(image, 0x206, 2), version >= 0x208,
            let offset = number(image, 0x248, 4), let length = number(image, 0x24C, 4), length > 4
        else { return nil }
        let sectors = image[0x1F1] == 0 ? 4 : Int(image[0x1F1])
        let start = (sectors + 1) * 512 + offset
        guard start + length <= image.count else { return nil }
        return start..<(start + length - 4)
    }

    /// Whether an ELF file says where a hypervisor may enter it (Xen, PVH boot: the note XEN_ELFNOTE_PHYS32_ENTRY).
    package static func hasDirectEntry(_ file: [UInt8]) -> Bool {
        guard file.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]), let table = number(file, 0x20, 8),
            let entrySize = number(file, 0x36, 2), let count = number(file, 0x38, 2), entrySize >= 56
        else { return false }
        for index in 0..<count {
            let entry = table + index * entrySize
            guard let type = number(file, entry, 4), let offset = number(file, entry + 8, 8),
                let size = number(file, entry + 32, 8)
            else { return false }
            if type == 4, offset <= file.count, size <= file.count - offset,
                hasEntryNote(file, offset..<(offset + size))
            {
                return true
            }
        }
        return false
    }

    private static func hasEntryNote(_ file: [UInt8], _ notes: Range<Int>) -> Bool {
        var place = notes.lowerBound
        while place + 12 <= notes.upperBound, let nameSize = number(file, place, 4),
            let size = number(file, place + 4, 4), let type = number(file, place + 8, 4)
        {
            let name = place + 12
            if type == 18, nameSize == 4, name + 4 <= notes.upperBound,
                file[name..<(name + 3)].elementsEqual("Xen".utf8)
            {
                return true
            }
            place = name + (nameSize + 3) & ~3 + (size + 3) & ~3
        }
        return false
    }

    /// A little-endian number that is inside the file and fits.
    private static func number(_ bytes: [UInt8], _ offset: Int, _ length: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - length else { return nil }
        var value: UInt64 = 0
        for index in 0..<length { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
        return value <= UInt64(Int32.max) ? Int(value) : nil
    }
}
