/// The header that makes a file or disk swap space (Linux, include/linux/swap.h, version 1), as mkswap(8) writes it.
public enum SwapSpace {
    /// The guests' page size; the header counts in it.
    public static let pageSize = 4096
    /// The smallest that Linux takes: ten pages.
    public static let minimum = ByteSize(bytes: 10 * 4096)
    /// The last page's number is 32 bits wide.
    public static let maximum = ByteSize(bytes: UInt64(UInt32.max) * 4096)

    /// The first page of swap space of this size. Its UUID stays zero: it is found by its disk's serial number.
    public static func header(size: ByteSize) -> [UInt8] {
        var page = [UInt8](repeating: 0, count: pageSize)
        func put(_ value: UInt32, at offset: Int) {
            for index in 0..<4 { page[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(index))) }
        }
        put(1, at: 1024)
        put(UInt32(clamping: size.bytes / UInt64(pageSize) - 1), at: 1028)
        page.replaceSubrange((pageSize - 10)..., with: Array("SWAPSPACE2".utf8))
        return page
    }
}
