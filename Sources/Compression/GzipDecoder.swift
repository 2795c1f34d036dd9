internal import CISAL

/// gzip (RFC 1952) with any number of members, by ISA-L. What follows the last member is passed over if it is zero bytes.
final class GzipDecoder: StreamDecoder {
    let format = CompressionFormat.gzip
    private let state: UnsafeMutableRawPointer
    private var isBetweenMembers = false

    init() throws(DecompressionError) {
        guard let state = cisal_create() else { throw .outOfMemory(.gzip) }
        self.state = state
    }

    deinit {
        free(state)
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(DecompressionError) -> DecodingStep {
        if isBetweenMembers {
            let padding = input.prefix { $0 == 0 }.count
            guard padding < input.count else { return DecodingStep(consumed: padding, produced: 0, isAtBoundary: true) }
            if padding > 0 { throw .corrupt(.gzip, reason: "data after the padding") }
            cisal_restart(state)
            isBetweenMembers = false
        }
        var inputLeft = input.count
        var outputLeft = output.count
        var finished = false
        let result = cisal_inflate(
            state, input.baseAddress?.assumingMemoryBound(to: UInt8.self), &inputLeft,
            output.baseAddress?.assumingMemoryBound(to: UInt8.self), &outputLeft, &finished)
        guard result == 0 else { throw .corrupt(.gzip, reason: Self.reason(result)) }
        isBetweenMembers = finished
        return DecodingStep(
            consumed: input.count - inputLeft, produced: output.count - outputLeft, isAtBoundary: finished)
    }

    private static func reason(_ code: Int32) -> String {
        switch code {
        case ISAL_INVALID_BLOCK: "invalid block"
        case ISAL_INVALID_SYMBOL: "invalid symbol"
        case ISAL_INVALID_LOOKBACK: "reference before the beginning"
        case ISAL_INVALID_WRAPPER: "no gzip header"
        case ISAL_UNSUPPORTED_METHOD: "unknown method"
        case ISAL_INCORRECT_CHECKSUM: "wrong checksum"
        default: "error \(code)"
        }
    }
}
