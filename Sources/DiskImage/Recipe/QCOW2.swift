internal import Glibc
internal import LinuxSystem

/// The beginning of a disk in QEMU's copy-on-write form (QEMU, "The qcow2 format"), for files without a backing file, as
/// qemu-img converts them.
struct QCOW2 {
    /// The disk's size in bytes.
    let virtualSize: UInt64
    private let clusterBits: UInt64
    private let levelOne: UInt64
    private let levelOneCount: UInt64
    private let path: String

    init(header bytes: [UInt8], path: String) throws(DiskImageError) {
        func number(_ offset: Int, _ count: Int) -> UInt64 {
            bytes[offset..<(offset + count)].reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard bytes.count >= 104, (2...3).contains(number(4, 4)), (9...21).contains(number(20, 4)) else {
            throw .notADisk(path, reason: "it is a qcow2 file of an unknown version")
        }
        guard number(8, 8) == 0 else { throw .notADisk(path, reason: "it is a layer over another disk") }
        guard number(32, 4) == 0 else { throw .notADisk(path, reason: "it is encrypted") }
        self.path = path
        virtualSize = number(24, 8)
        clusterBits = number(20, 4)
        levelOneCount = number(36, 4)
        levelOne = number(40, 8)
        guard levelOne <= Self.offsetMask else { throw .notADisk(path, reason: "it is damaged") }
    }

    /// Reads the disk's first bytes.
    func read(from file: borrowing OwnedDescriptor, count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let cluster = 1 << clusterBits
        let wanted = min(count, Int(clamping: virtualSize))
        while bytes.count < wanted {
            let place = try self.place(file, UInt64(bytes.count))
            if let place {
                bytes += try read(file, at: place, cluster)
            } else {
                bytes += [UInt8](repeating: 0, count: cluster)
            }
        }
        return Array(bytes[..<wanted])
    }

    /// Where the cluster of a disk's byte is in the file; nil for one that is not there.
    private func place(_ file: borrowing OwnedDescriptor, _ offset: UInt64) throws -> UInt64? {
        let perTable = clusterBits - 3
        let index = offset >> clusterBits
        guard index >> perTable < levelOneCount else { return nil }
        // Both sums stay below 2^63 by what the header may say, and the mask.
        let table = try entry(file, levelOne + (index >> perTable) * 8) & Self.offsetMask
        if table == 0 { return nil }
        let entry = try entry(file, table + (index & (1 << perTable - 1)) * 8)
        guard entry & Self.isCompressed == 0 else {
            throw DiskImageError.notADisk(path, reason: "its first clusters are compressed")
        }
        let isZero = entry & 1 != 0
        return isZero || entry & Self.offsetMask == 0 ? nil : entry & Self.offsetMask
    }

    private static let offsetMask: UInt64 = 0x00FF_FFFF_FFFF_FE00
    private static let isCompressed: UInt64 = 1 << 62

    private func entry(_ file: borrowing OwnedDescriptor, _ offset: UInt64) throws -> UInt64 {
        try read(file, at: offset, 8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func read(_ file: borrowing OwnedDescriptor, at offset: UInt64, _ count: Int) throws -> [UInt8] {
        guard let place = off_t(exactly: offset) else { throw DiskImageError.notADisk(path, reason: "it is damaged") }
        var bytes = [UInt8](repeating: 0, count: count)
        let got = bytes.withUnsafeMutableBytes { pread(file.raw, $0.baseAddress, count, place) }
        guard got > 0 else { throw DiskImageError.notADisk(path, reason: "it ends too early") }
        return bytes
    }
}
