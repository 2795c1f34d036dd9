import Compression
import Testing

/// A source that gives a few bytes at a time, as a pipe may.
private struct DrippingSource: ByteSource {
    var rest: ArraySlice<UInt8>
    let step: Int

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let piece = rest.prefix(min(step, buffer.count))
        piece.withUnsafeBytes { buffer.copyMemory(from: $0) }
        rest = rest.dropFirst(piece.count)
        return piece.count
    }
}

@Suite("Compressed streams")
struct DecompressionTests {
    private func decode(_ bytes: [UInt8], step: Int = 1 << 20) throws -> [UInt8] {
        var (stream, _) = try Decompression.open(DrippingSource(rest: bytes[...], step: step))
        return try stream.readAll(limit: 1 << 20)
    }

    @Test("are told apart by their first bytes", arguments: CompressedSample.all)
    func format(sample: CompressedSample) throws {
        #expect(CompressionFormat(magic: sample.short) == sample.format)
        #expect(try Decompression.open(MemorySource(sample.short)).format == sample.format)
    }

    @Test("are decoded whole", arguments: CompressedSample.all)
    func whole(sample: CompressedSample) throws {
        #expect(try Decompression.whole(sample.short, limit: 1 << 20) == CompressedSample.text)
        #expect(try Decompression.whole(sample.long, limit: 1 << 20) == CompressedSample.zeros)
    }

    @Test("may come byte by byte", arguments: CompressedSample.all, [1, 3])
    func dripping(sample: CompressedSample, step: Int) throws {
        #expect(try decode(sample.short, step: step) == CompressedSample.text)
        #expect(try decode(sample.long, step: step) == CompressedSample.zeros)
    }

    @Test("may have several members", arguments: CompressedSample.all, [1, 1 << 20])
    func members(sample: CompressedSample, step: Int) throws {
        let joined = sample.short + sample.long + sample.short
        let expected = CompressedSample.text + CompressedSample.zeros + CompressedSample.text
        #expect(try decode(joined, step: step) == expected)
    }

    @Test("are refused when they end too early, wherever that is", arguments: CompressedSample.all)
    func truncated(sample: CompressedSample) {
        for length in 6..<sample.short.count {
            #expect(throws: DecompressionError.truncated(sample.format), "at byte \(length)") {
                try decode(Array(sample.short[..<length]))
            }
        }
    }

    @Test("are refused when a byte of the content's checksum is wrong", arguments: CompressedSample.all)
    func damaged(sample: CompressedSample) {
        // The zstd program writes a checksum into its last four bytes, gzip into those before the length; xz has it
        // before its index.
        var bytes = sample.short
        let place = ["gzip": 5, "zstd": 1, "xz": 33][sample.format.rawValue, default: 1]
        bytes[bytes.count - place] ^= 0x40
        #expect(throws: DecompressionError.self) { try decode(bytes) }
    }

    @Test("are refused beyond the limit, before memory is spent on them", arguments: CompressedSample.all)
    func limit(sample: CompressedSample) {
        #expect(throws: DecompressionError.tooLarge(limit: 100_000)) {
            try Decompression.whole(sample.long, limit: 100_000)
        }
    }

    @Test("pass unchanged when nothing is compressed", arguments: [[], [0x1F], Array("#!/bin/sh\n".utf8)])
    func plain(bytes: [UInt8]) throws {
        #expect(try Decompression.whole(bytes, limit: 100) == bytes)
        #expect(try decode(bytes) == bytes)
    }

    @Test("of gzip may be padded with zeros, but nothing else follows")
    func padding() throws {
        let padded = CompressedSample.gzip.short + [UInt8](repeating: 0, count: 700)
        #expect(try decode(padded) == CompressedSample.text)
        #expect(try decode(padded, step: 1) == CompressedSample.text)
        #expect(throws: DecompressionError.self) { try decode(padded + [7]) }
        #expect(throws: DecompressionError.self) { try decode(CompressedSample.gzip.short + Array("garbage".utf8)) }
    }

    @Test("of zstd may begin with a frame of somebody's own data")
    func skippableFrame() throws {
        let frame: [UInt8] = [0x52, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 9, 9, 9]
        #expect(try decode(frame + CompressedSample.zstd.short + frame) == CompressedSample.text)
    }
}
