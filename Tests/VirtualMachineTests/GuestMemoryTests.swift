import Glibc
import LinuxSystem
import Machine
import SystemPackage
import Testing
import VirtualMachine

@Suite("A guest's memory")
struct GuestMemoryTests {
    private static let page = 4096

    @Test("is saved page by page, those that are zero without taking space, and comes back as it was")
    func saveAndFill() throws {
        var pattern = Array("/tmp/bcvk-memory-test.XXXXXX".utf8CString)
        let top = FilePath(String(cString: try #require(mkdtemp(&pattern))))
        defer { try? Files.removeTree(top) }
        let memory = try GuestMemory(ByteSize(mebibytes: 8))
        // At the start, at the end, and more than two reads take, with a page in it that was written and is zero.
        let places = [0, (8 << 20) - Self.page] + stride(from: 1 << 20, to: (3 << 20) + 3 * Self.page, by: Self.page)
        let zero = (2 << 20) + Self.page
        for place in places where place != zero {
            try write((0..<Self.page).map { UInt8(truncatingIfNeeded: $0 ^ place >> 12 | 1) }, memory, place)
        }
        try write([UInt8](repeating: 0, count: Self.page), memory, zero)

        let path = top.appending("memory")
        try memory.save(to: path.string)
        let saved = try OwnedDescriptor(opening: path, .readOnly)
        var status = stat()
        try #require(fstat(saved.raw, &status) == 0)
        #expect(status.st_size == 8 << 20)
        // Not the other five MiB.
        #expect(status.st_blocks * 512 < 4 << 20)

        let other = try GuestMemory(ByteSize(mebibytes: 8))
        try GuestMemory.copy(from: saved, to: other.file, subject: path.string)
        #expect(try bytes(of: other) == bytes(of: memory))
    }

    private func write(_ bytes: [UInt8], _ memory: GuestMemory, _ offset: Int) throws {
        try #require(pwrite(memory.file.raw, bytes, bytes.count, off_t(offset)) == bytes.count)
    }

    private func bytes(of memory: GuestMemory) throws -> [UInt8] {
        try OwnedDescriptor(opening: FilePath("/proc/self/fd/\(memory.file.raw)"), .readOnly)
            .readToEnd(limit: 8 << 20, subject: "memory")
    }
}
