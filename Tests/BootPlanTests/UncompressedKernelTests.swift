import BootPlan
import ImageFixtures
import Testing

@Suite("The kernel inside a bzImage")
struct UncompressedKernelTests {
    /// An ELF file with one note.
    private func kernel(note type: UInt8 = 18, name: String = "Xen\0") -> [UInt8] {
        var file = [UInt8](repeating: 0, count: 0x100)
        file.replaceSubrange(0..<6, with: [0x7F, 0x45, 0x4C, 0x46, 2, 1])
        file[0x20] = 0x40
        file[0x36] = 56
        file[0x38] = 1
        // The program header: a note segment at 0x80.
        file[0x40] = 4
        file[0x48] = 0x80
        file[0x60] = 0x14
        file[0x80] = UInt8(name.utf8.count)
        file[0x84] = 4
        file[0x88] = type
        file.replaceSubrange(0x8C..<(0x8C + name.utf8.count), with: Array(name.utf8))
        return file
    }

    private func image(_ payload: [UInt8], version: UInt8 = 0x0F, length: Int? = nil) -> [UInt8] {
        var image = [UInt8](repeating: 0, count: 1024)
        image[0x1F1] = 1
        image.replaceSubrange(0x202..<0x206, with: Array("HdrS".utf8))
        image[0x206] = version
        image[0x207] = 2
        let size = length ?? payload.count + 4
        for index in 0..<4 { image[0x24C + index] = UInt8(truncatingIfNeeded: size >> (8 * index)) }
        return image + payload + [0, 1, 0, 0]
    }

    @Test("is taken where it can be started directly")
    func found() {
        #expect(UncompressedKernel.extract(from: image(storedGzip(kernel()))) == kernel())
    }

    @Test("is left alone where it cannot, or where anything is not as it should be")
    func refused() {
        #expect(UncompressedKernel.extract(from: image(storedGzip(kernel(note: 17)))) == nil)
        #expect(UncompressedKernel.extract(from: image(storedGzip(kernel(name: "GNU\0")))) == nil)
        #expect(UncompressedKernel.extract(from: image(storedGzip(Array("no kernel".utf8)))) == nil)
        #expect(UncompressedKernel.extract(from: image(kernel())) == nil)
        #expect(UncompressedKernel.extract(from: image(storedGzip(kernel()), length: 1 << 20)) == nil)
        #expect(UncompressedKernel.extract(from: image(storedGzip(kernel()), length: 3)) == nil)
        #expect(UncompressedKernel.extract(from: []) == nil)
        let whole = image(storedGzip(kernel()))
        for count in [0x206, 0x250, 1024, whole.count / 2] {
            #expect(UncompressedKernel.extract(from: Array(whole[..<count])) == nil)
        }
    }
}
