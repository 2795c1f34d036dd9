/// Opening compressed streams.
public enum Decompression {
    /// The decoded stream, whatever the source is compressed with, and its format.
    public static func open(_ source: any ByteSource) throws -> (stream: any ByteSource, format: CompressionFormat) {
        var source = source
        var magic = [UInt8](repeating: 0, count: CompressionFormat.magicLength)
        let count = try magic.withUnsafeMutableBytes { try source.fill($0) }
        let whole = PrefixedSource(prefix: MemorySource(magic[..<count]), rest: source)
        let format = CompressionFormat(magic: magic[..<count])
        switch format {
        case .none: return (whole, format)
        case .gzip: return (DecodedSource(whole, try GzipDecoder()), format)
        case .zstd: return (DecodedSource(whole, try ZstdDecoder()), format)
        case .xz: return (DecodedSource(whole, try XZDecoder()), format)
        }
    }

    /// All bytes, decoded; the input itself when it is not compressed. More than `limit` bytes are refused.
    public static func whole(_ bytes: [UInt8], limit: Int) throws -> [UInt8] {
        if CompressionFormat(magic: bytes) == .none { return bytes }
        var (stream, _) = try open(MemorySource(bytes))
        return try stream.readAll(limit: limit)
    }
}
