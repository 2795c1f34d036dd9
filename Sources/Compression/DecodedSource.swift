/// What a decoder made of the bytes that it was given.
struct DecodingStep {
    /// Input bytes that it took.
    var consumed: Int
    /// Output bytes that it made.
    var produced: Int
    /// Whether a member or frame is complete here, so that the input may end.
    var isAtBoundary: Bool
}

/// One compression format's decoder.
protocol StreamDecoder: AnyObject {
    var format: CompressionFormat { get }
    /// Decodes a piece. `isLast` tells that no input comes after these bytes.
    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(DecompressionError) -> DecodingStep
}

/// A stream that decodes another.
struct DecodedSource: ByteSource {
    private var source: any ByteSource
    private let decoder: any StreamDecoder
    private var buffer: [UInt8]
    private var start = 0
    private var end = 0
    private var sourceEnded = false
    private var isAtBoundary = false

    init(_ source: any ByteSource, _ decoder: any StreamDecoder) {
        self.source = source
        self.decoder = decoder
        buffer = [UInt8](repeating: 0, count: 1 << 18)
    }

    mutating func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            if start == end, !sourceEnded {
                start = 0
                end = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
                sourceEnded = end == 0
            }
            if start == end, isAtBoundary { return 0 }
            let step = try buffer.withUnsafeBytes { bytes in
                try decoder.decode(
                    UnsafeRawBufferPointer(rebasing: bytes[start..<end]), into: output, isLast: sourceEnded)
            }
            start += step.consumed
            isAtBoundary = step.isAtBoundary
            if step.produced > 0 { return step.produced }
            if sourceEnded, step.consumed == 0, !isAtBoundary { throw DecompressionError.truncated(decoder.format) }
        }
    }
}
