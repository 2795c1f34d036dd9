internal import Glibc
package import LinuxSystem
internal import SystemPackage

/// A unified kernel image in a tree (UAPI Group, UKI specification).
package struct UnifiedKernelImage {
    private let path: String
    private let tree: RootDirectory

    /// The image at a path of a tree.
    package init(_ path: String, in tree: RootDirectory) {
        self.path = path
        self.tree = tree
    }

    /// The release of the kernel inside; nil when it is no unified kernel image.
    func release() throws -> String? {
        let file = try tree.openFile(path)
        guard let sections = try sections(of: file), let linux = sections[".linux"] else { return nil }
        if let range = sections[".uname"], range.count <= 256 {
            let text = try Self.read(file, range, path)
            return String(decoding: text.prefix { $0 != 0 && $0 != 0x0A }, as: UTF8.self)
        }
        let start = linux.prefix(KernelImage.headerLength)
        return KernelImage(header: try Self.read(file, start, path))?.release
    }

    /// The bytes of a section; nil where there is none.
    package func section(_ name: String) throws -> [UInt8]? {
        let file = try tree.openFile(path)
        guard let range = try sections(of: file)?[name] else { return nil }
        return try Self.read(file, range, path)
    }

    private func sections(of file: borrowing OwnedDescriptor) throws -> PESections? {
        let size = Int(clamping: try file.status().size)
        return PESections(header: try Self.read(file, 0..<min(size, PESections.headerLength), path), fileSize: size)
    }

    private static func read(
        _ file: borrowing OwnedDescriptor, _ range: Range<Int>, _ path: String
    ) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(file.raw, buffer.baseAddress?.advanced(by: done), buffer.count - done, range.lowerBound + done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError("read", path, errno: count < 0 ? errno : EIO) }
            done += count
        }
        return bytes
    }
}
