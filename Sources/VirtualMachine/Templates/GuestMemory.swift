internal import CLinux
internal import Glibc
package import LinuxSystem
package import Machine
internal import SystemPackage

/// A guest's memory as a file that is only memory: QEMU works in it, and whoever saves or loads a state reads or fills it.
package final class GuestMemory {
    package let file: OwnedDescriptor
    /// Its size.
    let bytes: Int64

    /// Memory of a size, all zero.
    package init(_ size: ByteSize) throws {
        file = try OwnedDescriptor(inMemory: "bcvk guest memory")
        bytes = Self.bytes(size)
        try Self.setSize(of: file, bytes, "the guest's memory")
        // Nobody who has it can take it from under the others.
        guard clinux_seal_size(file.raw) == 0 else { throw SystemError("fix the size of", "the guest's memory") }
    }

    /// QEMU's memory is of whole MiB.
    private static func bytes(_ size: ByteSize) -> Int64 { Int64(size.mebibytes) << 20 }

    /// Writes it to a file.
    package func save(to path: String) throws {
        let target = try OwnedDescriptor(opening: FilePath(path), .writeOnly, options: [.create, .truncate])
        try Self.setSize(of: target, bytes, path)
        try Self.copy(from: file, to: target, subject: path)
    }

    /// Copies every page that is not zero to its place in a file that has only zeroes.
    package static func copy(
        from source: borrowing OwnedDescriptor, to target: borrowing OwnedDescriptor, subject: String
    ) throws(SystemError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize, alignment: pageSize)
        defer { buffer.deallocate() }
        let zeroes = UnsafeMutableRawBufferPointer.allocate(byteCount: pageSize, alignment: pageSize)
        defer { zeroes.deallocate() }
        zeroes.initializeMemory(as: UInt8.self, repeating: 0)
        var offset: off_t = 0
        while true {
            let begin = clinux_seek_data(source.raw, offset)
            if begin < 0, errno == ENXIO { return }
            let end = begin < 0 ? begin : clinux_seek_hole(source.raw, begin)
            guard begin >= 0, end >= 0 else { throw SystemError("find what is in", subject) }
            offset = begin
            while offset < end {
                let wanted = UnsafeMutableRawBufferPointer(
                    rebasing: buffer.prefix(Int(min(end - offset, off_t(chunkSize)))))
                let count = try read(source.raw, wanted, at: offset, subject)
                let chunk = UnsafeRawBufferPointer(rebasing: wanted.prefix(count))
                try writePages(of: chunk, to: target.raw, at: offset, zeroes: UnsafeRawBufferPointer(zeroes), subject)
                offset += off_t(count)
            }
        }
    }

    private static let chunkSize = 1 << 20
    private static let pageSize = 4096

    private static func setSize(
        of file: borrowing OwnedDescriptor, _ size: Int64, _ subject: String
    ) throws(SystemError) {
        guard ftruncate(file.raw, off_t(size)) == 0 else { throw SystemError("set the size of", subject) }
    }

    /// Reads some bytes, at least one.
    private static func read(
        _ file: Int32, _ buffer: UnsafeMutableRawBufferPointer, at offset: off_t, _ subject: String
    ) throws(SystemError) -> Int {
        while true {
            let count = pread(file, buffer.baseAddress, buffer.count, offset)
            if count < 0, errno == EINTR { continue }
            guard count != 0 else { throw SystemError("read", subject, errno: ENODATA) }
            guard count > 0 else { throw SystemError("read", subject) }
            return count
        }
    }

    /// Writes the runs of pages that are not zero.
    private static func writePages(
        of chunk: UnsafeRawBufferPointer, to file: Int32, at offset: off_t, zeroes: UnsafeRawBufferPointer,
        _ subject: String
    ) throws(SystemError) {
        var runStart: Int?
        var position = 0
        while position < chunk.count {
            let page = UnsafeRawBufferPointer(rebasing: chunk[position..<min(position + pageSize, chunk.count)])
            if isZero(page, zeroes) {
                if let start = runStart { try write(chunk, start..<position, to: file, at: offset, subject) }
                runStart = nil
            } else if runStart == nil {
                runStart = position
            }
            position += page.count
        }
        if let start = runStart { try write(chunk, start..<chunk.count, to: file, at: offset, subject) }
    }

    private static func isZero(_ page: UnsafeRawBufferPointer, _ zeroes: UnsafeRawBufferPointer) -> Bool {
        guard let start = page.baseAddress, let zero = zeroes.baseAddress else { return true }
        return memcmp(start, zero, page.count) == 0
    }

    private static func write(
        _ chunk: UnsafeRawBufferPointer, _ range: Range<Int>, to file: Int32, at offset: off_t, _ subject: String
    ) throws(SystemError) {
        var position = range.lowerBound
        while position < range.upperBound {
            let count = pwrite(
                file, chunk.baseAddress?.advanced(by: position), range.upperBound - position, offset + off_t(position))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError("write", subject) }
            position += count
        }
    }
}
