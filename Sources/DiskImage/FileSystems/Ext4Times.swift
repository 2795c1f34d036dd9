internal import Glibc
internal import LinuxSystem

/// Times of an ext4 file system that say nothing of the image: mke2fs copies when the cache's files were last read and changed.
/// Both are set to when the file's content was (Linux, "ext4 Data Structures and Algorithms", index nodes).
struct Ext4Times {
    private let file: OwnedBox
    private let offset: UInt64

    init(file: consuming OwnedDescriptor, offset: UInt64) {
        self.file = OwnedBox(file)
        self.offset = offset
    }

    /// Goes through all inodes in use.
    func settle() throws {
        let superblock = try read(1024, at: 1024)
        let layout = try Ext4Layout(superblock)
        let descriptors = try read(layout.groupCount * layout.descriptorSize, at: layout.blockSize)
        for group in 0..<layout.groupCount {
            let descriptor = Array(descriptors[(group * layout.descriptorSize)...].prefix(layout.descriptorSize))
            let used = layout.usedInodes(descriptor)
            guard used > 0 else { continue }
            let place = Int(layout.inodeTable(descriptor)) * layout.blockSize
            var table = try read(used * layout.inodeSize, at: place)
            table.withUnsafeMutableBytes { bytes in
                for index in 0..<used {
                    let start = index * layout.inodeSize
                    let inode = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<(start + layout.inodeSize)])
                    Self.settle(inode, number: UInt32(group * layout.inodesPerGroup + index + 1), layout)
                }
            }
            try write(table, at: place)
        }
    }

    private static func settle(_ inode: UnsafeMutableRawBufferPointer, number: UInt32, _ layout: Ext4Layout) {
        func copy(_ source: Int, to places: [Int]) {
            let value = inode.loadUnaligned(fromByteOffset: source, as: UInt32.self)
            for place in places { inode.storeBytes(of: value, toByteOffset: place, as: UInt32.self) }
        }
        func put(_ value: UInt16, at place: Int) {
            inode.storeBytes(of: value.littleEndian, toByteOffset: place, as: UInt16.self)
        }
        // An inode without a type is not in use.
        guard inode.loadUnaligned(as: UInt16.self) != 0 else { return }
        copy(0x10, to: [0x08, 0x0C])
        copy(0x88, to: [0x84, 0x8C])
        guard layout.hasChecksums else { return }
        put(0, at: 0x7C)
        put(0, at: 0x82)
        let seed = withUnsafeBytes(of: number.littleEndian) { CRC32.castagnoli(layout.checksumSeed, $0) }
        let generation = UnsafeRawBufferPointer(rebasing: inode[0x64..<0x68])
        let sum = CRC32.castagnoli(CRC32.castagnoli(seed, generation), UnsafeRawBufferPointer(inode))
        put(UInt16(truncatingIfNeeded: sum), at: 0x7C)
        put(UInt16(truncatingIfNeeded: sum >> 16), at: 0x82)
    }

    private func read(_ count: Int, at place: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = bytes.withUnsafeMutableBytes { pread(file.raw, $0.baseAddress, count, off_t(Int(offset) + place)) }
        guard got == count else { throw SystemError("read", "file system", errno: got < 0 ? errno : EIO) }
        return bytes
    }

    private func write(_ bytes: [UInt8], at place: Int) throws(SystemError) {
        let put = bytes.withUnsafeBytes { pwrite(file.raw, $0.baseAddress, $0.count, off_t(Int(offset) + place)) }
        guard put == bytes.count else { throw SystemError("write", "file system", errno: put < 0 ? errno : ENOSPC) }
    }

    private final class OwnedBox {
        private let descriptor: OwnedDescriptor
        var raw: Int32 { descriptor.raw }
        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    }
}

/// Where an ext4 file system has its inodes.
struct Ext4Layout {
    let blockSize: Int
    let inodeSize: Int
    let inodesPerGroup: Int
    let groupCount: Int
    let descriptorSize: Int
    let hasChecksums: Bool
    let checksumSeed: UInt32

    init(_ superblock: [UInt8]) throws(DiskImageError) {
        func number32(_ offset: Int) -> Int { Int(superblock.little(UInt32.self, at: offset)) }
        func number16(_ offset: Int) -> Int { Int(superblock.little(UInt16.self, at: offset)) }
        guard number16(0x38) == 0xEF53 else { throw .toolFailed("mke2fs", reason: "there is no ext4 file system") }
        blockSize = 1024 << number32(0x18)
        inodeSize = number16(0x58)
        inodesPerGroup = number32(0x28)
        guard inodesPerGroup > 0, inodeSize >= 256, blockSize == 4096 else {
            throw .toolFailed("mke2fs", reason: "the file system's form is an unexpected one")
        }
        groupCount = number32(0x00) / inodesPerGroup
        let is64Bit = number32(0x60) & 0x80 != 0
        descriptorSize = is64Bit ? number16(0xFE) : 32
        hasChecksums = number32(0x64) & 0x400 != 0
        // The seed is in the superblock only where it may differ from the UUID's sum.
        checksumSeed =
            number32(0x60) & 0x2000 != 0
            ? superblock.little(UInt32.self, at: 0x270) : CRC32.castagnoli(~0, superblock[0x68..<0x78])
    }

    func inodeTable(_ descriptor: [UInt8]) -> UInt64 {
        let high = descriptorSize >= 64 ? UInt64(descriptor.little(UInt32.self, at: 0x28)) : 0
        return high << 32 | UInt64(descriptor.little(UInt32.self, at: 0x08))
    }

    /// Inodes up to the last one that was ever used.
    func usedInodes(_ descriptor: [UInt8]) -> Int {
        // EXT4_BG_INODE_UNINIT: the table has nothing.
        if descriptor.little(UInt16.self, at: 0x12) & 1 != 0 { return 0 }
        let high = descriptorSize >= 64 ? Int(descriptor.little(UInt16.self, at: 0x32)) : 0
        return inodesPerGroup - (high << 16 | Int(descriptor.little(UInt16.self, at: 0x1C)))
    }
}
