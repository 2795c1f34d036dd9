import CGuest

/// Bytes that wait for a descriptor that does not take them at once.
struct ByteQueue {
    private var bytes: [UInt8] = []
    private var start = 0

    /// How many wait.
    var count: Int { bytes.count - start }
    /// Whether none does.
    var isEmpty: Bool { count == 0 }

    /// Adds bytes at the end.
    mutating func append(_ more: [UInt8]) {
        bytes.append(contentsOf: more)
    }

    /// Adds a frame at the end.
    mutating func append(_ frame: Frame) {
        frame.append(to: &bytes)
    }

    /// Adds a frame whose payload is the beginning of a buffer.
    mutating func append(_ kind: Frame.Kind, _ channel: UInt32, _ payload: ArraySlice<UInt8>) {
        Frame.appendHead(kind, channel, payload.count, to: &bytes)
        bytes.append(contentsOf: payload)
    }

    /// Drops all.
    mutating func removeAll() {
        bytes.removeAll()
        start = 0
    }

    /// Writes as much as the descriptor takes.
    /// - Returns: how many bytes went, or nil when the other side is gone.
    mutating func write(to descriptor: Int32) -> Int? {
        var total = 0
        while !isEmpty {
            let count = bytes.withUnsafeBytes { buffer in
                CGuest.write(descriptor, buffer.baseAddress.map { $0 + start }, min(self.count, 1 << 16))
            }
            if count < 0 {
                if guest_errno() == EINTR { continue }
                if guest_errno() == EAGAIN { break }
                return nil
            }
            start += count
            total += count
        }
        if isEmpty {
            bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
            start = 0
        } else if start > 1 << 20 {
            bytes.removeFirst(start)
            start = 0
        }
        return total
    }
}
