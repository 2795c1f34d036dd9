internal import CLZMA

/// xz with any number of streams, by liblzma; at most 256 MiB of memory for the dictionary.
final class XZDecoder: StreamDecoder {
    let format = CompressionFormat.xz
    /// LZMA_CONCATENATED, a macro that is not imported.
    private static let concatenated: UInt32 = 0x08
    private var stream = lzma_stream()

    init() throws(DecompressionError) {
        guard lzma_stream_decoder(&stream, 256 << 20, Self.concatenated) == LZMA_OK else {
            throw .outOfMemory(.xz)
        }
    }

    deinit {
        lzma_end(&stream)
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(DecompressionError) -> DecodingStep {
        stream.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_in = input.count
        stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = output.count
        let result = lzma_code(&stream, isLast ? LZMA_FINISH : LZMA_RUN)
        guard result == LZMA_OK || result == LZMA_STREAM_END || result == LZMA_BUF_ERROR else {
            throw .corrupt(
                .xz, reason: result == LZMA_MEMLIMIT_ERROR ? "dictionary too large" : "error \(result.rawValue)")
        }
        return DecodingStep(
            consumed: input.count - stream.avail_in, produced: output.count - stream.avail_out,
            isAtBoundary: result == LZMA_STREAM_END)
    }
}
