/// Takes a stream of bytes apart into frames. It never holds more than one frame and what was given last.
public struct FrameReader: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    /// A reader at the beginning of a stream.
    public init() {}

    /// Takes bytes as they came.
    public mutating func append(_ more: ArraySlice<UInt8>) {
        // What was read is dropped once it is worth the copying.
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            start = 0
        } else if start > Frame.maximumPayload {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// The next whole frame; nil until its last byte has come. After an error the stream is of no more use.
    public mutating func next() throws(FrameError) -> Frame? {
        guard bytes.count - start >= Frame.headLength else { return nil }
        let length = Int(number(at: start))
        guard length <= Frame.maximumPayload else { throw .oversized(length) }
        guard let kind = Frame.Kind(rawValue: bytes[start + 8]) else { throw .unknownKind(bytes[start + 8]) }
        guard bytes.count - start >= Frame.headLength + length else { return nil }
        let channel = number(at: start + 4)
        let from = start + Frame.headLength
        start = from + length
        return Frame(kind, channel: channel, payload: Array(bytes[from..<start]))
    }

    private func number(at index: Int) -> UInt32 {
        UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
            | UInt32(bytes[index + 3]) << 24
    }
}
