internal import CZstd

/// Zstandard (RFC 8878) with any number of frames. Windows above 128 MiB are refused, as the zstd program does.
final class ZstdDecoder: StreamDecoder {
    let format = CompressionFormat.zstd
    private let context: OpaquePointer

    init() throws(DecompressionError) {
        guard let context = ZSTD_createDCtx() else { throw .outOfMemory(.zstd) }
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(DecompressionError) -> DecodingStep {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = ZSTD_decompressStream(context, &target, &source)
        if ZSTD_isError(result) != 0 { throw .corrupt(.zstd, reason: String(cString: ZSTD_getErrorName(result))) }
        return DecodingStep(consumed: source.pos, produced: target.pos, isAtBoundary: result == 0)
    }
}
