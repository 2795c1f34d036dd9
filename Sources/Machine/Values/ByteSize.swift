/// A size as people write it: `512M`, `4G`, `1.5GiB`. Units are binary, with or without `B` or `iB`.
public struct ByteSize: Hashable, Sendable, Codable, Comparable {
    /// The size in bytes.
    public let bytes: UInt64

    /// A size in bytes.
    public init(bytes: UInt64) {
        self.bytes = bytes
    }

    /// A size in MiB.
    public init(mebibytes: UInt64) {
        bytes = mebibytes << 20
    }

    /// Whole MiB, rounded up.
    public var mebibytes: UInt64 { bytes / (1 << 20) + (bytes % (1 << 20) == 0 ? 0 : 1) }

    public static func < (left: ByteSize, right: ByteSize) -> Bool { left.bytes < right.bytes }

    /// Reads a size; nil when the text is none.
    /// - Parameter bareUnit: what a number without a unit counts, in bytes: 1 for disks, 1 MiB for memory.
    public init?(_ text: String, bareUnit: UInt64) {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var suffix = text.dropFirst(number.count).uppercased()
        if suffix.hasSuffix("IB") { suffix.removeLast(2) } else if suffix.hasSuffix("B") { suffix.removeLast() }
        let unit: UInt64
        switch suffix {
        case "": unit = text.count == number.count ? bareUnit : 1
        case "K": unit = 1 << 10
        case "M": unit = 1 << 20
        case "G": unit = 1 << 30
        case "T": unit = 1 << 40
        default: return nil
        }
        if let whole = UInt64(number) {
            let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
            guard !overflow else { return nil }
            bytes = product
        } else {
            guard let fraction = Double(number), fraction.isFinite, fraction * Double(unit) < 0x1p62 else { return nil }
            bytes = UInt64((fraction * Double(unit)).rounded())
        }
    }
}

extension ByteSize: CustomStringConvertible {
    /// The size in the largest unit that leaves at most one decimal place of interest: `2.1 GiB`.
    public var description: String {
        var value = Double(bytes)
        for unit in ["bytes", "KiB", "MiB", "GiB"] {
            if value < 1024 || unit == "GiB" {
                if unit == "bytes" { return "\(bytes) bytes" }
                let tenths = Int((value * 10).rounded())
                return tenths % 10 == 0 ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
            }
            value /= 1024
        }
        return "\(bytes) bytes"
    }
}
