/// The records of a PAX extended header (POSIX.1-2001): `LENGTH KEY=VALUE\n`, the length counting the whole record.
struct PAXHeader {
    /// Keys and values in their order.
    let records: [(key: [UInt8], value: ArraySlice<UInt8>)]

    /// nil when the records do not fill the header exactly.
    init?(_ bytes: [UInt8]) {
        var records: [(key: [UInt8], value: ArraySlice<UInt8>)] = []
        var start = 0
        while start < bytes.count {
            var length = 0
            var index = start
            while index < bytes.count, (0x30...0x39).contains(bytes[index]), index - start < 10 {
                length = length * 10 + Int(bytes[index] - 0x30)
                index += 1
            }
            let end = start + length
            guard index > start, index < bytes.count, bytes[index] == 0x20, end <= bytes.count, end > index + 1,
                bytes[end - 1] == 0x0A
            else { return nil }
            let body = bytes[(index + 1)..<(end - 1)]
            guard let equals = body.firstIndex(of: UInt8(ascii: "=")), equals > body.startIndex else { return nil }
            records.append((Array(body[..<equals]), body[(equals + 1)...]))
            start = end
        }
        self.records = records
    }

    /// The header's records together with those of a global one, which they override.
    func over(_ global: PAXHeader?) -> [(key: [UInt8], value: ArraySlice<UInt8>)] {
        (global?.records ?? []) + records
    }
}

/// Values of PAX records.
enum PAXValue {
    /// A decimal integer that is not negative.
    static func integer(_ text: ArraySlice<UInt8>) -> Int64? {
        guard !text.isEmpty, text.count <= 19 else { return nil }
        var value: Int64 = 0
        for byte in text {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            let (sum, carried) = product.addingReportingOverflow(Int64(byte - 0x30))
            guard !carried else { return nil }
            value = sum
        }
        return value
    }

    /// Seconds with a fraction, before the epoch too: nanoseconds always count forward.
    static func time(_ text: ArraySlice<UInt8>) -> (seconds: Int64, nanoseconds: Int64)? {
        let isNegative = text.first == UInt8(ascii: "-")
        let parts = text.dropFirst(isNegative ? 1 : 0).split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, let seconds = integer(whole) else { return nil }
        var nanoseconds: Int64 = 0
        if parts.count == 2 {
            let digits = Array(parts[1].prefix(9))
            guard parts[1].allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            for index in 0..<9 {
                nanoseconds = nanoseconds * 10 + (index < digits.count ? Int64(digits[index] - 0x30) : 0)
            }
        }
        if !isNegative { return (seconds, nanoseconds) }
        return nanoseconds == 0 ? (-seconds, 0) : (-seconds - 1, 1_000_000_000 - nanoseconds)
    }

    /// Base 64 (RFC 4648), padding optional, as libarchive writes attribute values.
    static func base64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in text where byte != UInt8(ascii: "=") {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = byte - 65
            case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = byte - 71
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte + 4
            case UInt8(ascii: "+"): digit = 62
            case UInt8(ascii: "/"): digit = 63
            default: return nil
            }
            bits = bits << 6 | UInt32(digit)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}
