internal import Compression
public import LinuxSystem

/// The kernel modules in an initramfs, and whether a system on a disk can start with them.
public struct InitramfsModules: Sendable, Hashable, Codable {
    /// The modules' names, with underscores.
    public let names: Set<String>

    /// Reads an initramfs: archives one after the other, the last of which may be compressed (as dracut and initramfs-tools make
    /// them, the processor's microcode first).
    /// - Throws: `InitramfsError`, or what is wrong with a compressed part.
    public init(_ bytes: [UInt8]) throws {
        var names: Set<String> = []
        var rest = bytes[...]
        while true {
            rest = rest.drop { $0 == 0 }
            if rest.isEmpty { break }
            if CPIOReader<MemorySource>.isArchive(rest) {
                var reader = CPIOReader(MemorySource(rest))
                while let name = try reader.next() { Self.note(name, in: &names) }
                rest = rest.dropFirst(reader.position)
                continue
            }
            let (stream, format) = try Decompression.open(MemorySource(rest))
            guard format != .none else { throw InitramfsError.unknownForm }
            var reader = CPIOReader(OpenedSource(stream: stream))
            while let name = try reader.next() { Self.note(name, in: &names) }
            break
        }
        self.names = names
    }

    private static func note(_ path: String, in names: inout Set<String>) {
        let file = path.split(separator: "/").last ?? ""
        if file.contains(".ko") { names.insert(ModuleIndex.name(ofFile: path)) }
    }

    /// What a disk is reached by that this initramfs lacks: modules that the kernel has neither built in nor here.
    /// - Parameter fileSystem: the module of the root's file system.
    /// - Returns: names; none where the initramfs is fit, or the kernel has no such module at all.
    public func missing(
        forDiskOf release: String, in tree: RootDirectory, fileSystem: String
    ) throws -> [String] {
        guard let modules = try KernelModules(of: release, in: tree) else { return [] }
        return ["virtio_pci", "virtio_blk", fileSystem].filter {
            modules.index.presence(of: $0) == .module && !names.contains($0)
        }
    }
}

/// A stream whose type is not known, as one whose type is.
private struct OpenedSource: ByteSource {
    var stream: any ByteSource

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try stream.read(into: buffer) }
}
